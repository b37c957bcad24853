"""A silence or a mute that begins while a message waits holds it back, and the ledger adds up."""

from datetime import UTC, datetime, time, timedelta

import pytest

from alerts.delivery.ledger import read_ledger
from alerts.delivery.redeliver import redeliver
from alerts.delivery.run import deliver_due
from alerts.incidents.sweep import sweep_incidents
from alerts.incidents.transitions import resolve_incident
from alerts.models import AlertRule, InboxMessage, Incident, Notification, Silence
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing")]
SUNDAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def silence(environment, standing):
    def make(hours=1, **fields):
        ends_at = standing.now + timedelta(hours=hours)
        given = {"starts_at": standing.now, "ends_at": ends_at, "reason": "deploy", **fields}
        return Silence.objects.create(environment=environment, **given)

    return make


@pytest.fixture(autouse=True)
def adds_up():
    yield
    assert all(line.adds_up for line in read_ledger(Incident.objects.all()))


def test_what_waits_for_hours_is_silenced_and_told_when_the_silence_ends(
    silence, make_target, make_incident, standing, told
):
    standing.now = SUNDAY
    make_target("inbox", hours_begin=time(8), hours_end=time(18))
    incident = make_incident()
    quiet = silence(hours=24)
    standing.now = MONDAY
    assert deliver_due() == 0
    row = Notification.objects.get()
    assert (row.state, row.reason, row.silence) == ("suppressed", "silenced", quiet)
    quiet.refresh_from_db()
    assert quiet.last_hid_at == MONDAY
    standing.advance(hours=5)
    sweep_incidents(standing.now)
    assert told(incident=incident)[-1] == ("trigger", "pending", "")


@pytest.mark.parametrize("hushed", ["b", "bc"])
def test_what_waits_for_a_digest_is_left_out_of_it(
    silence, make_rule, make_target, make_incident, standing, told, hushed
):
    make_target("inbox", digest_seconds=60)
    for service in "abcd":
        make_incident(make_rule(), service)
    deliver_due()
    for service in hushed:
        silence(service_name=service)
    resolve_incident(Incident.objects.get(service_name="b"), None)
    standing.advance(seconds=60)
    deliver_due()
    assert set(told(incident__service_name="b")) == {
        ("trigger", "suppressed", "silenced"), ("resolve", "suppressed", "never_triggered"),
    }  # fmt: skip
    said = {"b": "Several alerts: 2 incidents: 2 triggered", "bc": "Triggered: Errors: d"}[hushed]
    assert InboxMessage.objects.latest("pk").title == said


def test_what_waits_for_the_budget_is_muted(make_rule, make_target, make_incident, receiver, standing, told):
    make_target("webhook", receiver.url, hourly_budget=1)
    rule = make_rule()
    for service in "abc":
        make_incident(rule, service)
    deliver_due()
    AlertRule.objects.filter(pk=rule.pk).update(muted_until=standing.now + timedelta(hours=5))
    standing.advance(hours=2)
    deliver_due()
    assert len(receiver.got) == 1
    assert sorted(told())[1:] == [("trigger", "suppressed", "muted")] * 2


def test_a_digest_that_waits_for_the_budget_loses_what_is_hushed(
    silence, make_rule, make_target, make_incident, receiver, standing, told
):
    make_target("webhook", receiver.url, hourly_budget=1, digest_seconds=60)
    for service in "abc":
        make_incident(make_rule(), service)
    deliver_due()
    standing.advance(seconds=60)
    deliver_due()
    assert told(action="digest") == [("digest", "pending", "")]
    silence(hours=9)
    standing.advance(hours=2)
    deliver_due()
    assert len(receiver.got) == 1
    assert told(action="digest") == [("digest", "suppressed", "silenced")]
    assert sorted(told(action="trigger"))[1:] == [("trigger", "suppressed", "silenced")] * 2


def test_what_was_tried_or_is_sent_again_by_a_person_goes_on(silence, make_target, make_incident, receiver, standing):
    make_target("webhook", receiver.url)
    receiver.answer(500, 200)
    make_incident()
    deliver_due()
    silence()
    standing.advance(minutes=1)
    deliver_due()
    row = Notification.objects.get()
    assert (row.state, len(receiver.got)) == ("sent", 2)
    assert redeliver(row, make_user())
    deliver_due()
    assert len(receiver.got) == 3


def test_what_is_worse_begins_where_the_beginning_was_hushed(
    silence, make_rule, make_target, make_incident, standing, told
):
    standing.now = SUNDAY
    make_target("inbox", hours_begin=time(8), hours_end=time(18))
    quiet = make_rule(name="Quiet", severity="info")
    make_incident(quiet, "checkout")
    make_incident(make_rule(name="Loud", severity="warning"), "checkout")
    silence(hours=48, rule=quiet)
    standing.now = MONDAY
    deliver_due()
    assert told(rule_name="Quiet") == [("trigger", "suppressed", "silenced")]
    assert told(rule_name="Loud") == [("trigger", "sent", "")]
