"""Silences: what they match, windows that come again, what they hid, and how they end."""

import json
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from alerts.delivery.ledger import read_ledger
from alerts.delivery.run import deliver_due
from alerts.incidents.sweep import sweep_incidents
from alerts.incidents.transitions import acknowledge_incident, resolve_incident
from alerts.models import InboxMessage, Silence
from alerts.silences import end_silence, hidden_by, make_silence, sweep_silences
from diagnostics.environments import ensure_role_groups
from tests.factories import make_environment, make_user
from tests.people import make_person, sign_in
from tests.views.reading import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing")]


@pytest.fixture
def silence(environment, standing):
    def make(person=None, hours=1, **fields):
        given = {
            "environment": environment, "starts_at": standing.now, "ends_at": standing.now + timedelta(hours=hours),
            "reason": "deploy", **fields,
        }  # fmt: skip
        return make_silence(person or make_user(), Silence(**given))

    return make


@pytest.mark.parametrize(
    ("fields", "severity", "is_silent"),
    [
        ({"service_name": "check*"}, "error", True),
        ({"service_name": "check"}, "error", False),
        ({"severity": "warning"}, "warning", True),
        ({"severity": "warning"}, "info", True),
        ({"severity": "warning"}, "error", False),
    ],
)
def test_a_silence_matches_by_service_and_severity(
    silence, make_rule, make_target, make_incident, told, fields, severity, is_silent
):
    silence(**fields)
    make_target("inbox")
    make_incident(make_rule(severity=severity), "checkout")
    assert told() == [("trigger", "suppressed", "silenced") if is_silent else ("trigger", "pending", "")]


def test_a_worse_severity_breaks_through_a_silence_of_milder_ones(silence, make_rule, make_target, make_incident, told):
    silence(severity="warning")
    make_target("inbox")
    make_incident(make_rule(severity="warning"), "checkout")
    make_incident(make_rule(severity="critical"), "checkout")
    assert told() == [("trigger", "suppressed", "silenced"), ("trigger", "pending", "")]


def test_what_is_still_open_when_the_silence_ends_is_told_then_and_once(
    silence, make_rule, make_target, make_incident, standing, told
):
    make_target("inbox")
    person = make_user()
    quiet = silence(person)
    still, over = make_incident(make_rule()), make_incident(make_rule())
    resolve_incident(over, None)
    standing.advance(minutes=59)
    sweep_incidents(standing.now)
    assert told(incident=still) == [("trigger", "suppressed", "silenced")]
    standing.advance(minutes=1)
    for _ in range(3):
        sweep_incidents(standing.now)
        sweep_silences(standing.now)
        standing.advance(minutes=1)
    assert told(incident=still) == [("trigger", "suppressed", "silenced"), ("trigger", "pending", "")]
    assert told(incident=over, action="trigger") == [("trigger", "suppressed", "silenced")]
    assert hidden_by(quiet).count() == 2
    message = InboxMessage.objects.get()
    assert (message.person, message.title) == (person, "Silence is over: deploy")
    assert message.text == "It hid 2 alerts of 2 incidents; 1 still open."


def sweep_often(standing, times=4):
    for _ in range(times):
        sweep_incidents(standing.now)
        standing.advance(minutes=1)


def test_who_was_hidden_from_by_a_rule_that_joined_is_told_too_and_once(
    silence, make_rule, make_target, make_incident, standing, told
):
    first, second = make_rule(name="Errors"), make_rule(name="Slow")
    first.targets.add(make_target("inbox", name="errors"))
    second.targets.add(make_target("inbox", name="slow"))
    silence()
    incident = make_incident(first, "checkout")
    assert make_incident(second, "checkout") == incident
    standing.advance(hours=1)
    sweep_often(standing)
    assert told(target__name="errors") == [("trigger", "suppressed", "silenced"), ("trigger", "pending", "")]
    assert told(target__name="slow") == [("trigger", "suppressed", "silenced"), ("trigger", "pending", "")]
    assert incident.events.filter(kind="told_late").count() == 1


def test_what_hushes_a_rule_that_joined_does_not_hush_the_first(make_rule, make_target, make_incident, standing, told):
    muted = {"muted_until": standing.now + timedelta(minutes=10)}
    first, second = make_rule(name="Errors", **muted), make_rule(name="Slow")
    second.targets.add(make_target("inbox", name="slow"))
    first.targets.add(make_target("inbox", name="errors"))
    incident = make_incident(first, "checkout")
    make_incident(second, "checkout")
    assert told(target__name="slow") == [("trigger", "pending", "")]
    sweep_often(standing)
    assert told(target__name="errors") == [("trigger", "suppressed", "muted")]
    standing.advance(minutes=10)
    sweep_often(standing)
    assert told(target__name="errors") == [("trigger", "suppressed", "muted"), ("trigger", "pending", "")]
    assert incident.events.filter(kind="told_late").count() == 1


def test_a_target_that_the_rule_no_longer_names_is_told_all_the_same(
    silence, make_rule, make_target, make_incident, standing, told
):
    rule, other = make_rule(), make_target("inbox", name="other")
    rule.targets.add(make_target("inbox", name="before"))
    silence()
    incident = make_incident(rule)
    rule.targets.set([other])
    standing.advance(hours=1)
    sweep_often(standing)
    assert told(target__name="before") == [("trigger", "suppressed", "silenced"), ("trigger", "pending", "")]
    assert incident.events.filter(kind="told_late").count() == 1


def test_what_a_person_is_on_pages_nobody_when_the_silence_ends(
    silence, make_rule, make_target, make_incident, standing, told
):
    make_target("pagerduty")
    silence()
    incident = make_incident()
    acknowledge_incident(incident, make_user())
    standing.advance(hours=1)
    sweep_often(standing)
    assert told(action="trigger") == [("trigger", "suppressed", "silenced")]
    assert not incident.events.filter(kind="told_late").exists()


def test_what_was_acknowledged_at_a_receiver_is_told_late_as_acknowledged(
    silence, make_rule, make_target, make_incident, receiver, standing, told
):
    hook = make_target("webhook", receiver.url, name="late")
    silence()
    incident = make_incident()
    acknowledge_incident(incident, None, "At Pager by Ann.")
    standing.advance(hours=1)
    sweep_often(standing)
    assert told(target=hook, state="pending") == [("trigger", "pending", ""), ("acknowledge", "pending", "")]
    deliver_due()
    assert [json.loads(body)["type"] for _, _, body in receiver.got] == ["incident.triggered", "incident.acknowledged"]
    assert all(line.adds_up for line in read_ledger([incident]))


def test_a_silence_that_a_person_ends_tells_what_is_open(
    silence, make_rule, make_target, make_incident, standing, told
):
    make_target("inbox")
    quiet = silence()
    make_incident()
    standing.advance(minutes=1)
    end_silence(make_user(), quiet)
    sweep_incidents(standing.now)
    assert told()[-1] == ("trigger", "pending", "")


def test_a_muted_rule_that_speaks_again_tells_what_is_open(make_rule, make_target, make_incident, standing, told):
    make_target("inbox")
    make_incident(make_rule(muted_until=standing.now + timedelta(minutes=5)))
    standing.advance(minutes=5)
    sweep_incidents(standing.now)
    assert told() == [("trigger", "suppressed", "muted"), ("trigger", "pending", "")]


def test_a_window_comes_again_in_its_zone_and_tells_at_its_end(
    silence, make_rule, make_target, make_incident, standing, told
):
    make_target("inbox")
    standing.now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    silence(hours=24 * 30, days="sun", window_begin=time(2), window_end=time(4), zone="Europe/Berlin")
    for moment, is_silent in [
        (datetime(2026, 3, 22, 0, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 22, 1, 0, tzinfo=UTC), True),  # 02:00 in winter
        (datetime(2026, 3, 22, 2, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 29, 1, 59, tzinfo=UTC), True),  # the hour from 2 to 3 is skipped: until 04:00 in summer
        (datetime(2026, 3, 29, 2, 0, tzinfo=UTC), False),
        (datetime(2026, 4, 5, 0, 0, tzinfo=UTC), True),  # 02:00 in summer
        (datetime(2026, 4, 5, 1, 59, tzinfo=UTC), True),
        (datetime(2026, 4, 6, 0, 30, tzinfo=UTC), False),  # Monday
    ]:
        standing.now = moment
        incident = make_incident(make_rule())
        state = "suppressed" if is_silent else "pending"
        assert told(incident=incident)[0][1] == state, moment
    standing.now = datetime(2026, 4, 5, 2, 0, tzinfo=UTC)
    sweep_incidents(standing.now)
    assert told()[-1] == ("trigger", "pending", "")


def test_authors_are_reminded_weekly_and_what_hides_nothing_ends(silence, make_target, make_incident, standing):
    person = make_user()
    silence(person, hours=24 * 60)
    titles = []
    for _ in range(30):
        standing.advance(days=1)
        sweep_silences(standing.now)
    titles = [message.title for message in InboxMessage.objects.order_by("pk")]
    assert titles == ["Silence still holds: deploy", "Silence is over: deploy"]
    found = Silence.objects.get()
    assert found.ended_because == "It hid nothing for 14 days."


def test_a_window_that_comes_again_has_a_quarter_to_be_of_use(silence, standing):
    window = silence(make_user(), hours=24 * 200, days="1st sun", window_begin=time(2), window_end=time(3))
    for days, is_over in ((99, False), (2, True)):
        standing.advance(days=days)
        sweep_silences(standing.now)
        window.refresh_from_db()
        assert (window.ended_because == "It hid nothing for 100 days.") is is_over


def test_one_that_is_of_use_stays_and_reminds(silence, make_target, make_rule, make_incident, standing):
    make_target("inbox")
    silence(hours=24 * 30)
    rule = make_rule()
    for _ in range(29):
        standing.advance(days=1)
        resolve_incident(make_incident(rule), make_user())
        sweep_silences(standing.now)
    assert InboxMessage.objects.count() == 4
    assert Silence.objects.get().ended_because == ""
    assert "It hid 28 alerts of 28 incidents; 0 still open." in InboxMessage.objects.latest("pk").text


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"hours": -1}, "ends_at"),
        ({"days": "sun"}, "days"),
        ({"window_begin": time(2), "window_end": time(3)}, "days"),
        ({"days": "sunday", "window_begin": time(2), "window_end": time(3)}, "days"),
        ({"days": "sun", "window_begin": time(2), "window_end": time(3), "zone": "Mars"}, "zone"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(silence, fields, wrong):
    with pytest.raises(ValidationError) as said:
        silence(**fields)
    assert wrong in said.value.message_dict
    assert not Silence.objects.exists()


def test_a_silence_of_another_environments_rule_is_refused(silence, make_rule):
    with pytest.raises(ValidationError):
        silence(rule=make_rule(environment=make_environment()))


def test_what_a_silence_says_to_its_author_stands_in_the_inbox(silence, environment, standing):
    ensure_role_groups(environment)
    person = make_person(environment, "on-call")
    silence(person)
    standing.advance(hours=2)
    sweep_silences(standing.now)
    page = read(sign_in(person).get(reverse("inbox")))
    assert "Silence is over: deploy" in page.text
    assert not page.links("Silence is over")
