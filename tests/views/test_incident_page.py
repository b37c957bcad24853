"""What an incident's page says while things go on: numbers of now beside those of its beginning, words that agree."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from guardian.shortcuts import assign_perm

from alerts.incidents import affected
from alerts.incidents.transitions import Opening, acknowledge_incident, end_series, open_incident, resolve_incident
from alerts.models import AlertRule, DeliveryAttempt, Incident, IncidentEvent, Notification, Silence, Target
from alerts.views.signal import draw_signal
from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.models import MinuteRollup
from diagnostics.search.page import SearchTooSlowError
from tests.people import client_with, make_person, sign_in
from tests.views.reading import read
from tests.world import make_record

pytestmark = pytest.mark.django_db


def look(world, client, name="incident", **params):
    args = [world.slug] if name in ("ledger", "incidents") else [world.slug, world.incident.pk]
    return read(client.get(reverse(name, args=args), query_params=params))


def words(page):
    return " ".join(page.text.split())


def second_rule(world, severity="warning", **fields):
    """Another rule shows the same incident."""
    rule = AlertRule.objects.create(
        environment=world.environment, slug="second", name="Second", signal="failures", severity=severity, **fields
    )
    opening = Opening(rule, "shop", "shop", "", "Second: shop", "shop: failed 13.3%.", 0.133, clock.now())
    assert open_incident(opening).pk == world.incident.pk
    return rule


def attempt(world, row, minutes, **fields):
    values = {"outcome": "retry", "duration_ms": 15, "error": "the host has no public address", **fields}
    return DeliveryAttempt.objects.create(
        notification=row, started_at=clock.now() - timedelta(minutes=minutes), **values
    )


@pytest.mark.parametrize("name", ["incident", "incident-explain", "ledger"])
def test_a_failed_attempt_says_how_long_it_took_and_when_the_next_one_is(world, on_call, name):
    row = Notification.objects.get(incident=world.incident)
    at = clock.now().replace(hour=22, minute=21, second=7)
    Notification.objects.filter(pk=row.pk).update(next_attempt_at=at, attempts=2)
    attempt(world, row, 2, error="the receiver answered 503", status_code=503)
    attempt(world, row, 1)
    text = words(look(world, on_call, name))
    assert "Failed after 15 ms (the host has no public address); next try 22:21:07" in text
    assert "will be tried again" not in text
    if name != "ledger":  # which shows the newest alone
        assert "Failed after 15 ms (the receiver answered 503)" in text
    assert text.count("next try") == 1
    Notification.objects.filter(pk=row.pk).update(state="failed")
    text = words(look(world, on_call, name))
    assert "Failed after 15 ms" in text
    assert "next try" not in text


def test_an_attempt_without_words_has_its_status(world, on_call):
    attempt(
        world, Notification.objects.get(incident=world.incident), 1, outcome="permanent", status_code=418, error="no"
    )
    assert "Refused for good after 15 ms (418: no)" in words(look(world, on_call))


def roll(world, moment, **fields):
    MinuteRollup.objects.create(
        environment=world.environment, minute=clock.floor_minute(moment), service_name="shop", source="log", **fields
    )


@pytest.mark.parametrize("second", [20, 50])
def test_the_chart_ends_with_a_minute_that_is_over(world, second, monkeypatch):
    start = clock.floor_minute(clock.now())
    incident = world.incident
    for ago in range(12):
        roll(world, start - timedelta(minutes=ago + 1), errors=9, records=9)
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(seconds=second))
    chart = draw_signal(incident)
    assert chart.end == start
    assert "records 9" in chart.slots[-1].title
    roll(world, start, errors=4, records=4)
    assert draw_signal(incident).end == start  # it has not become less: the minute is not over
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(minutes=1, seconds=5))  # records are still on their way
    assert draw_signal(incident).end == start


def test_a_minute_that_is_worse_before_it_is_over_is_drawn(world, monkeypatch):
    start = clock.floor_minute(clock.now())
    incident = world.incident
    roll(world, start - timedelta(minutes=1), errors=1, records=9)
    roll(world, start, errors=30, records=30)
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(seconds=20))
    chart = draw_signal(incident)
    assert chart.end == start + timedelta(minutes=1)
    assert "records 30" in chart.slots[-1].title


def test_a_step_of_several_minutes_is_drawn_when_all_of_it_is_over(world):
    Incident.objects.filter(pk=world.incident.pk).update(started_at=clock.now() - timedelta(hours=5))
    incident = Incident.objects.get(pk=world.incident.pk)
    chart = draw_signal(incident)
    assert timedelta() <= clock.now() - chart.end < timedelta(minutes=6)
    resolve_incident(incident, None, now=clock.now() - timedelta(hours=2))
    incident.refresh_from_db()
    assert draw_signal(incident).end <= incident.resolved_at + timedelta(minutes=10)


def test_the_limit_and_what_is_usual_are_named(world, on_call):
    AlertRule.objects.filter(pk=world.rule.pk).update(signal="latency_p95", threshold=1500)
    Incident.objects.filter(pk=world.incident.pk).update(
        context={"usual": 28.0}, started_at=clock.now() - timedelta(minutes=5)
    )
    keys = [
        element.text
        for element in look(world, on_call).elements
        if "key" in element.attributes.get("class", "").split()
    ]
    assert keys == ["usual", "limit 1.5 s", "incident"]


def test_several_rules_are_silenced_as_the_service(world, on_call):
    assert "Nobody is told of Own rule of shop for" in words(look(world, on_call))
    second_rule(world)
    text = words(look(world, on_call))
    assert "Nobody is told of shop, whichever rule it is, up to error, for" in text
    answer = on_call.post(reverse("incident-silence", args=[world.slug, world.incident.pk]), {"hours": "1"})
    made = Silence.objects.get()
    assert (made.rule, made.service_name, made.severity) == (None, "shop", "error")
    page = read(on_call.get(answer.url))
    assert page.links("Back to the incident") == [reverse("incident", args=[world.slug, world.incident.pk])]
    assert "It hid nothing." in page.text
    assert page.all("span", class_="dot") == []


def test_a_critical_incident_of_several_rules_is_silenced_whole(world, on_call):
    second_rule(world, severity="critical")
    assert "Nobody is told of shop, whichever rule it is, for" in words(look(world, on_call))
    on_call.post(reverse("incident-silence", args=[world.slug, world.incident.pk]), {"hours": "1"})
    assert (Silence.objects.get().rule, Silence.objects.get().severity) == (None, "")


def test_without_a_service_the_rule_bounds_a_silence(world, on_call):
    second_rule(world)
    Incident.objects.filter(pk=world.incident.pk).update(service_name="")
    on_call.post(reverse("incident-silence", args=[world.slug, world.incident.pk]), {"hours": "1"})
    assert Silence.objects.get().rule == world.rule


@pytest.mark.parametrize("typed", ["999999", "x", "-1", "9" * 30])
def test_a_silence_leads_back_to_incidents_of_its_environment_alone(world, on_call, typed):
    page = read(on_call.get(reverse("silence", args=[world.slug, world.silence.pk]), {"incident": typed}))
    assert page.links("Back to the incident") == []


def test_the_reason_comes_first_and_enter_in_it_presses_nothing(world, on_call):
    page = look(world, on_call)
    place = [
        element for element in page.elements if element.tag in ("form", "button", "input") and element.attributes.get("type") != "hidden"
    ]  # fmt: skip
    silence = reverse("incident-silence", args=[world.slug, world.incident.pk])
    begins = next(number for number, element in enumerate(place) if element.attributes.get("action") == silence)
    first, reason = place[begins + 1], place[begins + 2]
    assert "disabled" in first.attributes
    assert (reason.attributes["name"], reason.attributes["type"]) == ("reason", "text")
    assert [element.attributes["name"] for element in page.all("details", class_="menu-of")] == ["acts", "acts"]


def test_who_is_affected_is_counted_while_it_is_open(world, on_call):
    Incident.objects.filter(pk=world.incident.pk).update(
        context={"looked_at": 1, "users": 1, "sessions": 1}, started_at=clock.now() - timedelta(minutes=5)
    )
    for number in range(6):
        make_record(world.environment, user_key=f"u{number % 3}", session_id=f"s{number % 2}", has_restricted=False)
    make_record(world.environment, user_key="calm", severity_number=9, has_restricted=False)
    make_record(world.environment, user_key="", session_id="", has_restricted=False)
    text = words(look(world, on_call))
    found = affected.count_affected(Incident.objects.get(pk=world.incident.pk))
    assert (found.users, found.records, found.is_cut) == (3, 8, False)  # and the record of the world
    assert f"Affected3 users, {found.sessions} sessions in 8 records until now" in text
    assert "When it fired1 user, 1 session in the newest 1 bad record" in text
    viewer = words(look(world, client_with(world.environment, "support")))
    assert ("until now" in viewer) == ("All records of this incident" in viewer)
    resolve_incident(world.incident, None)
    text = words(look(world, on_call))
    assert "until now" not in text
    assert "Affected when it fired1 user" in text


def test_who_may_not_read_records_is_told_no_count_of_them(world):
    person = make_person()
    assign_perm(Perm.VIEW_INCIDENTS.value, person, world.environment)
    make_record(world.environment, has_restricted=False)
    assert "until now" not in words(look(world, sign_in(person)))
    assign_perm(Perm.VIEW_LOGS.value, person, world.environment)
    text = words(look(world, sign_in(person)))
    assert "Affected0 users in 2 records until now" in text  # of sessions only who may see them is told


def test_counting_is_bounded(world, on_call, monkeypatch):
    monkeypatch.setattr(affected, "MOST", 2)
    for _ in range(4):
        make_record(world.environment, has_restricted=False)
    Incident.objects.filter(pk=world.incident.pk).update(started_at=clock.now() - timedelta(minutes=5))
    assert "in the newest 2 records until now" in words(look(world, on_call))

    def slow(_):
        raise SearchTooSlowError("slow")

    monkeypatch.setattr(affected, "count", slow)
    assert "There are too many records to count them here." in words(look(world, on_call))


def test_slow_responses_are_no_records_to_count(world):
    AlertRule.objects.filter(pk=world.rule.pk).update(signal="latency_p95")
    assert affected.count_affected(Incident.objects.get(pk=world.incident.pk)) is None


def test_the_headline_says_what_became_of_its_number(world, on_call):
    Incident.objects.filter(pk=world.incident.pk).update(value=0, peak_value=1240)
    assert "That was when it fired; highest 1,240, now 0. Since" in words(look(world, on_call))
    AlertRule.objects.filter(pk=world.rule.pk).update(condition="share")
    Incident.objects.filter(pk=world.incident.pk).update(value=0, peak_value=0.516)
    assert "highest 51.6%, now 0%." in words(look(world, on_call))
    second_rule(world)
    end_series(world.incident, world.rule, "shop", "well", clock.now())
    assert "highest 51.6%; it has recovered since, other rules still fire." in words(look(world, on_call))
    resolve_incident(world.incident, None)
    assert "highest 51.6%. Since" in words(look(world, on_call))
    AlertRule.objects.filter(pk=world.rule.pk).update(condition="first_seen")
    assert "That was when it fired" not in words(look(world, on_call))


def test_the_page_and_the_list_agree_on_whose_it_is(world):
    person = make_person(world.environment, "on-call", username="Ada")
    client = sign_in(person)
    assert world.incident.is_open
    assert "nobody yet" in look(world, client, "incidents").text
    acknowledge_incident(world.incident, person)
    page = look(world, client)
    assert "Ada is on it." in page.text
    assert [option.text for option in page.all("option", value="")] == ["Ada (acknowledged it)"]
    assert "Ada" in look(world, client, "incidents").all("td", data_label="Who")[0].text
    resolve_incident(world.incident, person)
    assert "Ada was on it." in look(world, client).text
    for fields, said in (
        ({"acknowledged_by": None}, "Ada"),
        ({"resolved_by": None}, "nobody"),
        ({"state": "acknowledged", "resolved_at": None}, "somebody, from outside"),
    ):
        Incident.objects.filter(pk=world.incident.pk).update(**fields)
        assert look(world, client, "incidents", state="all").all("td", data_label="Who")[0].text.strip() == said


def test_the_list_is_in_the_order_that_its_column_tells(world, on_call):
    later = Incident.objects.get(pk=world.incident.pk)
    later.pk, later.dedup_key, later.title = None, "later", "Opened first, began last"
    later.opened_at = later.started_at - timedelta(hours=1)
    later.started_at += timedelta(minutes=1)
    later.save()
    titles = [element.text for element in look(world, on_call, "incidents").all("a", class_="row-link")]
    assert titles == ["Opened first, began last", world.incident.title]


def test_a_session_leads_to_the_record_that_the_incident_shows_of_it(world):
    world.incident.samples = [
        {"reference": "1700000000000000-7", "session_id": "s 1", "severity": "error", "timestamp": "2030-01-31T12:00:00+00:00"},
        {"reference": "1600000000000000-6", "session_id": "s 1", "severity": "error", "timestamp": "2030-01-31T11:00:00+00:00"},
    ]  # fmt: skip
    world.incident.context = {"session_ids": ["s 1", "other"]}
    world.incident.save()
    start = reverse("sessions", args=[world.slug])
    page = look(world, client_with(world.environment, "support"))
    assert [link for link in page.links() if link.startswith((f"{start}s%201", f"{start}other"))] == [
        f"{start}s%201/?at=1700000000000000-7#r1700000000000000-7",
        f"{start}other/",
    ]
    assert f"{start}other/" not in look(world, client_with(world.environment, "viewer")).links()


def test_what_records_said_is_shown_to_who_sees_logs(world):
    world.incident.context = {"messages": [{"text": "words of a record", "count": 7}]}
    world.incident.save()
    assert "words of a record" in words(look(world, client_with(world.environment, "viewer")))
    person = make_person()
    assign_perm(Perm.VIEW_INCIDENTS, person, world.environment)
    page = words(look(world, sign_in(person)))
    assert "words of a record" not in page
    assert "What it says" not in page


def test_a_sample_says_why_while_its_record_is_there(world, on_call):
    record = make_record(world.environment, error_type="PriceMissing", body="order could not be priced",
                         attributes={"exception.message": "item K-17 has no net_price"}, has_restricted=False)  # fmt: skip
    sample = {"timestamp": clock.now().isoformat(), "severity": "error", "service_name": "shop", "body": record.body}
    world.incident.samples = [{**sample, "reference": name} for name in (record.reference, "1-1", "broken")]
    world.incident.save()
    said = [row.text for row in look(world, on_call).all("span", class_="text")]
    whole = "PriceMissing: item K-17 has no net_price · order could not be priced"
    assert said == [whole, "order could not be priced", "order could not be priced"]
    record.delete()
    assert "K-17" not in look(world, on_call).text


def tell(world, action, minutes, state="sent", kind="", **fields):
    """A row of the ledger, so many minutes after ten o'clock."""
    at = clock.now().replace(hour=10, minute=minutes, second=0, microsecond=0)
    event = IncidentEvent.objects.create(incident=world.incident, at=at, kind=kind) if kind else None
    return Notification.objects.create(
        id=uuid.uuid4(), incident=world.incident, action=action, state=state, event=event, created_at=at, sent_at=at,
        next_attempt_at=at, give_up_at=at, **{"target": world.target, **fields},
    )  # fmt: skip


def told(page):
    (lines,) = page.all("ul", class_="told-lines")
    return " ".join(lines.text.split())


def test_each_target_has_one_line_that_says_what_it_heard(world, on_call):
    world.incident.notifications.all().delete()
    Target.objects.filter(pk=world.target.pk).update(name="Pager")
    quiet = Target.objects.create(environment=world.environment, name="Quiet", kind="inbox")
    tell(world, "trigger", 29)
    tell(world, "update", 30, "suppressed", reason="grouped", detail="It joined incident 9, which had its turn.")
    tell(world, "trigger", 30, "suppressed", reason="below_severity", target=quiet)
    worse = tell(world, "update", 31, kind="worse")
    page = look(world, on_call)
    said = "PagerSenttold 10:29, worse 10:31QuietSuppressednot told: Below the target's minimum severity"
    assert told(page).replace(" Sent", "Sent").replace(" Suppressed", "Suppressed") == said
    (rows,) = page.all("details", id="incident-ledger")
    assert "open" not in rows.attributes
    assert "It joined incident 9" in rows.text
    Notification.objects.filter(pk=worse.pk).update(unanswered_at=clock.now())
    assert "worse 10:31, not answered" in told(look(world, on_call))
    tell(world, "acknowledge", 32)
    tell(world, "resolve", 40, "failed")
    assert "worse 10:31, acknowledgement 10:32, end: failed 10:40" in told(look(world, on_call))
    for minute in range(41, 51):
        tell(world, "update", minute)
    assert "told 10:29, 8 more, told again 10:46" in told(look(world, on_call))


def test_an_open_incident_renews_what_goes_on_and_nothing_that_is_typed_into(world, on_call):
    page = look(world, on_call)
    (poller,) = [element for element in page.elements if "hx-select-oob" in element.attributes]
    parts = poller.attributes["hx-select-oob"].split(",")
    assert poller.attributes["hx-trigger"] == "every 15s"
    for part in parts:
        assert len([element for element in page.elements if element.attributes.get("id") == part[1:]]) == 1, part
    assert {"#incident-state", "#incident-chart", "#incident-told", "#incident-rows", "#incident-history"} < set(parts)
    fresh = read(on_call.get(reverse("incident", args=[world.slug, world.incident.pk]), headers={"HX-Request": "true"}))
    assert [element.attributes["id"] for element in fresh.all("ul", class_="history")] == ["incident-history"]
    resolve_incident(world.incident, None)
    ended = look(world, on_call)
    assert not [element for element in ended.elements if "hx-select-oob" in element.attributes]
    assert ended.all("div", id="incident-fresh")  # which takes the place of the one that asks


@pytest.mark.parametrize(("service", "is_elsewhere"), [("shop", False), ("checkout", True), ("", False), (None, False)])
def test_a_change_of_another_service_is_said_to_be_elsewhere(world, on_call, service, is_elsewhere):
    deploy = {"title": "deployed 2.4.2", "timestamp": clock.now().isoformat(), "release": "2.4.2"}
    kept = deploy if service is None else {**deploy, "service": service}  # older incidents do not say whose it was
    Incident.objects.filter(pk=world.incident.pk).update(context={"deploy": kept})
    text = words(look(world, on_call))
    assert "deployed 2.4.2" in text
    assert ("Elsewhere: deployed 2.4.2" in text) == is_elsewhere


def test_a_share_is_drawn_over_the_rules_window_as_the_rule_takes_it(world, on_call):
    """A minute of three requests would stand above the highest that the sentence tells."""
    AlertRule.objects.filter(pk=world.rule.pk).update(
        condition="share", signal="failures", window_minutes=3, threshold=0.05
    )
    start = clock.floor_minute(clock.now())
    for ago, requests, failures in ((4, 50, 0), (3, 3, 3), (2, 47, 0), (1, 50, 10)):
        roll(world, start - timedelta(minutes=ago), requests=requests, failures=failures)
    Incident.objects.filter(pk=world.incident.pk).update(started_at=start - timedelta(minutes=2))
    chart = draw_signal(Incident.objects.get(pk=world.incident.pk))
    assert chart.peak == "13%"
    assert "each point: 3 min" in words(look(world, on_call))
    AlertRule.objects.filter(pk=world.rule.pk).update(condition="threshold")
    assert "each point: 1 min" in words(look(world, on_call))


def test_what_began_at_the_same_time_is_named_and_the_likely_cause_first(world, on_call):
    began = world.incident.started_at
    places = {"payments": -3, "mailer": 2, "long-ago": -30}
    for service, minutes in places.items():
        rule = AlertRule.objects.create(environment=world.environment, slug=service, name="Surge", signal="errors")
        moment = began + timedelta(minutes=minutes)
        open_incident(Opening(rule, service, service, "", f"Surge: {service}", "", 1.0, clock.now(), started_at=moment))
    assert "likely the cause" not in look(world, on_call).text
    world.incident.context = {"origins": ["payments"]}
    world.incident.save()
    said = words(look(world, on_call)).partition("At the same time")[2].partition("History")[0]
    cause = "likely the cause: these requests failed there first"
    assert said.index("Surge: payments") < said.index(cause) < said.index("Surge: mailer")
    assert "Surge: long-ago" not in said
