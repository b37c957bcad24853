"""Who is to be told: one row for each target, with the reason where nobody is told."""

from collections import Counter
from datetime import timedelta
from itertools import product

import pytest
from django.db import transaction
from django_q.models import OrmQ

from alerts.delivery.ledger import read_ledger
from alerts.delivery.plan import plan_news, plan_test
from alerts.delivery.run import deliver_due
from alerts.incidents.transitions import acknowledge_incident, add_note, note_values, resolve_incident
from alerts.models import AlertRule, Incident, Notification, Silence, Target
from alerts.retention import expire_incidents
from tests.factories import make_environment, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing")]


@pytest.fixture
def silence(environment, standing):
    def make(**fields):
        given = {"starts_at": standing.now - timedelta(hours=1), "ends_at": standing.now + timedelta(hours=1), **fields}
        return Silence.objects.create(environment=fields.pop("environment", environment), reason="deploy", **{
            name: value for name, value in given.items() if name != "environment"
        })  # fmt: skip

    return make


def test_each_target_of_the_environment_has_a_row_whether_told_or_not(make_target, make_incident):
    targets = [
        make_target("inbox"),
        make_target("inbox", minimum_severity="critical"),
        make_target("inbox", minimum_severity="error"),
        make_target("inbox", enabled=False),
    ]
    make_target("inbox", environment=make_environment())
    make_incident()
    rows = {row.target: (row.state, row.reason) for row in Notification.objects.all()}
    assert rows == dict(
        zip(
            targets,
            [("pending", ""), ("suppressed", "below_severity"), ("pending", ""), ("suppressed", "target_disabled")],
            strict=True,
        )
    )


@pytest.mark.parametrize(
    ("severity", "told"), [("critical", "ceiw"), ("error", "eiw"), ("warning", "iw"), ("info", "i")]
)
def test_a_target_hears_of_its_severity_and_worse(make_rule, make_target, make_incident, severity, told):
    for minimum in ("critical", "error", "warning", "info"):
        make_target("inbox", name=minimum[0], minimum_severity=minimum)
    make_incident(make_rule(severity=severity))
    rows = Notification.objects.filter(state="pending").values_list("target__name", flat=True)
    assert "".join(sorted(rows)) == told


def test_a_rule_that_names_targets_tells_those_alone_and_never_another_environments(
    make_rule, make_target, make_incident
):
    rule, chosen, other = make_rule(), make_target("inbox"), make_target("inbox")
    rule.targets.add(chosen)
    make_incident(rule)
    assert [row.target for row in Notification.objects.all()] == [chosen]
    foreign = make_target("inbox", environment=make_environment())
    strange = make_rule()
    strange.targets.add(foreign)
    make_incident(strange)
    assert set(Notification.objects.exclude(incident__rule=rule).values_list("target", flat=True)) == {
        chosen.pk,
        other.pk,
    }


@pytest.mark.parametrize(
    ("fields", "is_silent"),
    [
        ({}, True),
        ({"service_name": "checkout"}, True),
        ({"service_name": "search"}, False),
        ({"ends_at": timedelta(seconds=1)}, True),
        ({"ends_at": timedelta(0)}, False),
        ({"starts_at": timedelta(0)}, True),
        ({"starts_at": timedelta(seconds=1)}, False),
    ],
)
def test_a_silence_holds_from_its_start_to_its_end_for_what_it_names(
    silence, standing, make_target, make_incident, told, fields, is_silent
):
    silence(**{name: standing.now + value if name.endswith("_at") else value for name, value in fields.items()})
    make_target("inbox")
    make_incident()
    assert told() == [("trigger", "suppressed", "silenced") if is_silent else ("trigger", "pending", "")]
    assert Incident.objects.get().is_open  # it is opened and shown all the same


def test_a_silence_of_another_rule_or_environment_silences_nothing(
    silence, make_rule, make_target, make_incident, told
):
    silence(rule=make_rule())
    silence(environment=make_environment())
    make_target("inbox")
    make_incident(make_rule())
    assert told() == [("trigger", "pending", "")]


def test_a_silence_of_this_rule_does(silence, make_rule, make_target, make_incident, told):
    rule = make_rule()
    silence(rule=rule)
    make_target("inbox")
    make_incident(rule)
    assert told() == [("trigger", "suppressed", "silenced")]


@pytest.mark.parametrize(
    ("seconds", "expected"), [(1, ("suppressed", "muted")), (0, ("pending", "")), (-1, ("pending", ""))]
)
def test_a_muted_rule_tells_nobody_until_its_time_is_over(
    make_rule, make_target, make_incident, standing, told, seconds, expected
):
    make_target("inbox")
    make_incident(make_rule(muted_until=standing.now + timedelta(seconds=seconds)))
    assert told() == [("trigger", *expected)]


def test_the_end_is_told_to_those_who_heard_of_the_beginning_and_want_it(make_target, make_incident, told):
    make_target("inbox", name="told")
    make_target("inbox", name="mild", minimum_severity="critical")
    make_target("inbox", name="no end", send_resolved=False)
    make_target("inbox", name="switched off later")
    make_target("inbox", name="failed")
    incident = make_incident()
    Target.objects.filter(name="switched off later").update(enabled=False)
    Notification.objects.filter(target__name="failed").update(state="failed")
    make_target("inbox", name="new")
    resolve_incident(incident, None)
    ends = Notification.objects.filter(action="resolve").order_by("target_id")
    assert list(ends.values_list("target__name", "state", "reason")) == [
        ("told", "pending", ""),
        ("mild", "suppressed", "below_severity"),
        ("no end", "suppressed", "no_resolve"),
        ("switched off later", "suppressed", "target_disabled"),
        ("failed", "suppressed", "never_triggered"),
        ("new", "suppressed", "never_triggered"),
    ]


def test_the_end_of_a_silenced_incident_is_not_told_even_when_the_silence_is_over(
    silence, make_target, make_incident, told
):
    silence()
    make_target("inbox")
    incident = make_incident()
    Silence.objects.all().delete()
    acknowledge_incident(incident, make_user())
    resolve_incident(incident, None)
    assert sorted(told()) == [
        ("acknowledge", "suppressed", "never_triggered"),
        ("resolve", "suppressed", "never_triggered"),
        ("trigger", "suppressed", "silenced"),
    ]


def test_a_silence_that_comes_later_does_not_hide_the_end(silence, make_target, make_incident, told, standing):
    make_target("inbox")
    incident = make_incident()
    silence()
    standing.advance(seconds=1)
    resolve_incident(incident, None)
    assert told() == [("trigger", "pending", ""), ("resolve", "pending", "")]


def test_opening_acknowledging_and_resolving_twice_tells_once(make_rule, make_target, make_incident, standing):
    make_target("inbox")
    rule, person = make_rule(), make_user()
    incident = make_incident(rule)
    assert make_incident(rule) == incident
    for _ in range(2):
        acknowledge_incident(incident, person)
    for _ in range(2):
        resolve_incident(incident, person, "done")
    assert Counter(Notification.objects.values_list("action", flat=True)) == {
        "trigger": 1, "acknowledge": 1, "resolve": 1,
    }  # fmt: skip
    assert [(event.kind, event.actor, event.text) for event in incident.events.all()] == [
        ("triggered", None, "checkout: 40 errors in 1 min."), ("acknowledged", person, ""), ("resolved", person, "done"),
    ]  # fmt: skip
    incident.refresh_from_db()
    assert (incident.resolved_by, incident.acknowledged_by) == (person, person)


def test_planning_the_same_again_changes_nothing(make_target, make_incident, told, standing):
    make_target("inbox")
    incident = make_incident()
    plan_news(incident, incident.events.get(), standing.now)
    assert told() == [("trigger", "pending", "")]


def test_a_note_and_a_value_tell_nobody(make_target, make_incident, told):
    make_target("inbox")
    incident = make_incident()
    add_note(incident, make_user(), "x" * 600)
    note_values(incident.rule, {incident.pk: [99.0]})
    assert len(told()) == 1
    assert incident.events.get(kind="note").text == "x" * 500
    incident.refresh_from_db()
    assert (incident.value, incident.peak_value) == (99.0, 99.0)


def test_the_bell_rings_after_the_commit_and_only_when_somebody_is_to_be_told(
    django_capture_on_commit_callbacks, make_target, make_incident
):
    target = make_target("inbox", enabled=False)
    with django_capture_on_commit_callbacks(execute=True) as rung:
        make_incident()
    assert rung == []
    Target.objects.filter(pk=target.pk).update(enabled=True)
    with django_capture_on_commit_callbacks(execute=True):
        make_incident()
        assert not OrmQ.objects.exists()
    assert [task.func() for task in OrmQ.objects.all()] == ["alerts.tasks.deliver_task"]


def test_an_incident_that_is_rolled_back_tells_nobody(make_rule, make_target, make_incident):
    make_target("inbox")
    rule = make_rule()
    with transaction.atomic():
        make_incident(rule)
        transaction.set_rollback(True)
    assert not Incident.objects.exists()
    assert not Notification.objects.exists()


def test_every_alert_is_accounted_for(silence, make_rule, make_target, make_incident, receiver, standing):
    receiver.answer(200, 400, 500)
    for fields in ({}, {"send_resolved": False}, {"enabled": False}, {"minimum_severity": "critical"}, {}):
        make_target("inbox", **fields)
    make_target("webhook", receiver.url)
    make_target("webhook", receiver.url)
    make_target("webhook", receiver.url)
    silence(service_name="quiet")
    rules = [make_rule(severity=severity) for severity in ("critical", "error", "info")]
    for rule in rules:
        for service in ("checkout", "quiet"):
            incident = make_incident(rule, service)
            standing.advance(seconds=1)
            resolve_incident(incident, None)
            account()
    for _ in range(9):
        deliver_due()
        account()
        standing.advance(minutes=45)
    rows = Notification.objects.all()
    assert {row.state for row in rows} == {"sent", "suppressed", "failed"}
    assert all(row.reason for row in rows if row.state == "suppressed")
    assert not any(row.reason for row in rows if row.state != "suppressed")


def account():
    """Fired = sent + suppressed + pending + failed, for each incident, action and target."""
    fired = product(Incident.objects.values_list("pk", flat=True), ("trigger", "resolve"), Target.objects.all())
    rows = Notification.objects.filter(state__in=("sent", "suppressed", "pending", "failed")).select_related("target")
    assert Counter(fired) == Counter((row.incident_id, row.action, row.target) for row in rows)


def test_a_test_goes_out_although_the_target_is_switched_off_and_nothing_has_happened_yet(make_target, told):
    target = make_target("inbox", enabled=False, minimum_severity="critical")
    plan_test(target)
    plan_test(target)
    assert told() == [("test", "pending", ""), ("test", "pending", "")]
    assert not Incident.objects.exists()
    assert deliver_due() == 2


def test_a_test_borrows_no_incident_and_goes_with_its_time(make_target, make_incident, environment, standing):
    target = make_target("inbox")
    incident = make_incident()
    plan_test(target)
    deliver_due()
    test = Notification.objects.get(action="test")
    assert (test.state, test.incident, test.inbox_message.environment) == ("sent", None, environment)
    assert [row.action for row in incident.notifications.all()] == ["trigger"]
    assert [line.fired for line in read_ledger([incident])] == [1]
    standing.advance(days=environment.incident_retention_days + 1)
    expire_incidents(environment, standing.now)
    assert not Notification.objects.filter(action="test").exists()


def test_a_deleted_rule_leaves_its_incident_and_what_is_to_be_told(make_rule, make_target, make_incident, told):
    make_target("inbox")
    incident = make_incident(make_rule(name="Errors"))
    AlertRule.objects.all().delete()
    incident.refresh_from_db()
    resolve_incident(incident, None)
    assert (incident.rule, incident.rule_name) == (None, "Errors")
    assert deliver_due() == 2
    assert [state for _, state, _ in told()] == ["sent", "sent"]


def test_the_dedup_key_is_stable_and_holds_no_text_of_a_record(make_rule, make_incident):
    rule = make_rule()
    first = make_incident(rule, "bob@shop.com")
    resolve_incident(first, None)
    again = make_incident(rule, "bob@shop.com")
    other = make_incident(rule, "shop")
    assert first.dedup_key == again.dedup_key != other.dedup_key
    assert "bob" not in first.dedup_key
