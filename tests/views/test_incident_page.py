"""What an incident's page says while things go on: numbers of now beside those of its beginning, words that agree."""

from datetime import timedelta

import pytest
from django.urls import reverse
from guardian.shortcuts import assign_perm

from alerts.incidents import affected
from alerts.incidents.transitions import Opening, acknowledge_incident, end_series, open_incident, resolve_incident
from alerts.models import AlertRule, Incident
from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.search.page import SearchTooSlowError
from tests.people import client_with, make_person, sign_in
from tests.views.incident_read import look, second_rule, words
from tests.views.reading import read
from tests.world import make_record

pytestmark = pytest.mark.django_db


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


def test_who_was_affected_stays_when_it_is_over_and_is_counted_over_its_own_time(world, on_call):
    begins, ends = clock.now() - timedelta(minutes=30), clock.now() - timedelta(minutes=10)
    Incident.objects.filter(pk=world.incident.pk).update(started_at=begins, context={"looked_at": 1, "users": 1})
    for minutes in (40, 20, 15, 5):
        at = clock.now() - timedelta(minutes=minutes)
        make_record(world.environment, timestamp=at, user_key=f"u{minutes}", session_id="s", has_restricted=False)
    resolve_incident(world.incident, None, now=ends)
    text = words(look(world, on_call))
    since, until = f"{begins - timedelta(minutes=2):%H:%M:%S}", f"{ends + timedelta(minutes=1):%H:%M:%S}"
    assert f"Affected2 users, 1 session in 2 records while it lasted, {since} to {until}" in text
    assert "until now" not in text
    assert "When it fired1 user" in text
    viewer = make_person()
    assign_perm(Perm.VIEW_INCIDENTS.value, viewer, world.environment)
    assert "while it lasted" not in words(look(world, sign_in(viewer)))
    long_ago = timedelta(days=world.environment.retention_days)  # a part of its records says nothing
    Incident.objects.filter(pk=world.incident.pk).update(started_at=begins - long_ago)
    text = words(look(world, on_call))
    assert "while it lasted" not in text
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
    said = f"That was at {world.incident.opened_at:%H:%M:%S};"
    assert f"{said} highest 1,240, now 0. Since" in words(look(world, on_call))
    AlertRule.objects.filter(pk=world.rule.pk).update(condition="share")
    Incident.objects.filter(pk=world.incident.pk).update(value=0, peak_value=0.516)
    assert "highest 51.6%, now 0%." in words(look(world, on_call))
    second_rule(world)
    end_series(world.incident, world.rule, "shop", "well", clock.now())
    assert "highest 51.6%; it has recovered since, other rules still fire." in words(look(world, on_call))
    resolve_incident(world.incident, None)
    assert "highest 51.6%. Since" in words(look(world, on_call))
    AlertRule.objects.filter(pk=world.rule.pk).update(condition="first_seen")
    assert "That was" not in words(look(world, on_call))


def test_the_headline_says_of_when_its_numbers_are_also_after_it_became_worse(world, on_call):
    opened = world.incident.opened_at
    later = opened + timedelta(minutes=4, seconds=7)
    opening = Opening(world.rule, "shop", "shop", "", "Worse", "90 errors.", 90, later, severity="critical")
    assert open_incident(opening).pk == world.incident.pk
    assert f"90 errors.That was at {later:%H:%M:%S}; highest 90, now 90. Since" in words(look(world, on_call))
    found = Incident.objects.get(pk=world.incident.pk)
    Incident.objects.filter(pk=found.pk).update(context={})  # as one from before this was kept
    assert f"That was at {later:%H:%M:%S}; highest 90" in words(look(world, on_call))
    Incident.objects.filter(pk=found.pk).update(context=found.context)
    late = Opening(world.rule, "shop", "shop", "", "Late", "80 errors. Late.", 80, later, window_end=opened)
    resolve_incident(world.incident, None, now=later, is_recovered=True)
    open_incident(late)
    assert f"80 errors. Late.That was at {opened:%H:%M:%S}; highest 90" in words(look(world, on_call))


def test_one_that_flaps_says_that_it_is_well_while_its_quiet_time_is_awaited(world, on_call):
    now = clock.now()
    Incident.objects.filter(pk=world.incident.pk).update(flapping_since=now, value=0, peak_value=21)
    page = look(world, on_call)
    assert [box.attributes["class"] for box in page.all("div", id="incident-sentence")] == ["sentence is-bad"]
    end_series(world.incident, world.rule, "shop", "well", now)
    page, said = (
        look(world, on_call),
        f"Well since {now:%H:%M}, told as over at {now + timedelta(minutes=15):%H:%M} if it stays so.",
    )
    assert [box.attributes["class"] for box in page.all("div", id="incident-sentence")] == ["sentence is-ok"]
    (sentence,) = page.all("div", id="incident-sentence")
    text = " ".join(sentence.text.split())
    assert text.startswith(f"{said}15 errors.")
    assert "; highest 21. It began" in text
    assert "Triggered Error flapping well now" in words(page)
    listed = words(look(world, on_call, "incidents"))
    assert f"{said} Highest 21." in listed
    assert "other rules still fire" not in listed
    open_incident(Opening(world.rule, "shop", "shop", "", "Again", "16 errors.", 16, now))
    assert "Well since" not in words(look(world, on_call))
    assert "Well since" not in words(look(world, on_call, "incidents"))


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


def told(page):
    (lines,) = page.all("ul", class_="told-lines")
    return " ".join(lines.text.split())


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
