"""How much a target is told: cool-down, digests, budgets, hours, fallbacks; what is worse, or the end, is never hidden."""

from datetime import UTC, datetime, time, timedelta

import pytest

from alerts.delivery.run import deliver_due
from alerts.incidents.transitions import acknowledge_incident, resolve_incident
from alerts.models import DeliveryAttempt, InboxMessage, Notification, Target
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing")]
OFFICE = {"hours_days": "mon-fri", "hours_begin": time(9), "hours_end": time(17), "hours_zone": "Europe/Berlin"}
SUNDAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)  # nine in Berlin


def titles():
    return list(InboxMessage.objects.order_by("created_at", "pk").values_list("title", flat=True))


def test_a_rule_in_its_cool_down_tells_only_what_is_worse(make_rule, make_target, make_incident, standing, told):
    make_target("inbox")
    rule = make_rule(cooldown_seconds=600, severity="error")
    first = make_incident(rule, "a")
    standing.advance(minutes=5)
    second = make_incident(rule, "b")
    third = make_incident(rule, "c", severity="critical")
    other = make_incident(make_rule(), "d")
    standing.advance(minutes=15)
    fourth = make_incident(rule, "e")
    assert [told(incident=one)[0][1:] for one in (first, second, third, other, fourth)] == [
        ("pending", ""), ("suppressed", "cooldown"), ("pending", ""), ("pending", ""), ("pending", ""),
    ]  # fmt: skip


def test_a_cool_down_is_of_the_rule_and_not_of_its_name(make_rule, make_target, make_incident, told):
    make_target("inbox")
    make_incident(make_rule(cooldown_seconds=600), "a")
    assert told(incident=make_incident(make_rule(cooldown_seconds=600), "b"))[0][1:] == ("pending", "")


def test_what_a_digest_told_counts_for_the_cool_down(make_rule, make_target, make_incident, standing, told):
    make_target("inbox", digest_seconds=60)
    rule = make_rule(cooldown_seconds=600)
    for one, service in ((make_rule(), "a"), (make_rule(), "b"), (rule, "c")):
        make_incident(one, service)
    standing.advance(seconds=60)
    deliver_due()
    assert Notification.objects.filter(reason="digest").count() == 2
    assert told(incident=make_incident(rule, "d"))[0][1:] == ("suppressed", "cooldown")


def test_the_first_goes_at_once_and_the_next_ones_together(make_rule, make_target, make_incident, standing, told):
    make_target("inbox", digest_seconds=60)
    incidents = []
    for service in "abcd":
        incidents.append(make_incident(make_rule(), service))
        standing.advance(seconds=5)
    deliver_due()
    assert titles() == ["Triggered: Errors: a"]
    resolve_incident(incidents[2], None)
    standing.advance(seconds=45)
    deliver_due()
    assert titles()[1:] == ["Several alerts: 3 incidents: 2 triggered, 1 resolved"]
    assert InboxMessage.objects.latest("pk").text == (
        "Error: Errors: b (triggered)\nError: Errors: d (triggered)\nError: Errors: c (resolved)"
    )
    digest = Notification.objects.get(action="digest")
    assert digest.members.count() == 4
    assert {row.reason for row in digest.members.all()} == {"digest"}
    standing.advance(seconds=1)
    resolve_incident(incidents[1], None)  # it was told, if in a digest
    deliver_due()
    assert titles()[-1] == "Resolved: Errors: b"


def test_one_that_waited_alone_is_told_as_it_is(make_rule, make_target, make_incident, standing):
    make_target("inbox", digest_seconds=60)
    make_incident(make_rule(), "a")
    make_incident(make_rule(), "b")
    deliver_due()
    standing.advance(seconds=60)
    deliver_due()
    assert titles() == ["Triggered: Errors: a", "Triggered: Errors: b"]


def test_what_is_worse_does_not_wait_for_a_digest(make_rule, make_target, make_incident, standing):
    make_target("inbox", digest_seconds=600)
    make_incident(make_rule(severity="warning"), "a")
    make_incident(make_rule(severity="warning"), "b")
    make_incident(make_rule(severity="critical"), "b")  # the one that waits becomes worse
    make_incident(make_rule(severity="critical"), "c")  # as bad as the last one told: waits
    deliver_due()
    assert titles() == ["Triggered: Errors: b", "Triggered: Errors: a"]
    assert Notification.objects.get(reason="overtaken").incident.service_name == "b"


def test_the_end_is_told_at_once_although_others_wait(make_rule, make_target, make_incident, standing):
    make_target("inbox", digest_seconds=600)
    first = make_incident(make_rule(), "a")
    make_incident(make_rule(), "b")
    deliver_due()
    standing.advance(seconds=1)
    acknowledge_incident(first, make_user())
    standing.advance(seconds=1)
    resolve_incident(first, None)
    deliver_due()
    assert titles() == ["Triggered: Errors: a", "Acknowledged: Errors: a", "Resolved: Errors: a"]


def test_a_pager_gets_each_by_itself(make_rule, make_target, make_incident):
    make_target("pagerduty", digest_seconds=600)
    for service in "abc":
        make_incident(make_rule(), service)
    assert not Notification.objects.filter(is_held=True).exists()


def test_a_target_never_sees_more_than_its_budget(make_rule, make_target, make_incident, receiver, standing):
    make_target("webhook", receiver.url, hourly_budget=6)
    for number in range(12):
        make_incident(make_rule(severity="critical" if number == 11 else "error"), f"s{number}")
    seen = []
    for _ in range(130):
        deliver_due()
        seen.append(len(receiver.got))
        standing.advance(minutes=1)
    assert seen[0] == 6  # at once
    assert b"critical" in receiver.got[0][2]  # the worst goes first
    assert all(count <= 6 + (minute + 1) / 10 for minute, count in enumerate(seen))
    assert seen[-1] == 7  # the others in one message
    assert Notification.objects.filter(reason="digest").count() == 6
    assert not Notification.objects.filter(state="pending").exists()


def test_retries_count_against_the_budget_and_tests_do_not_wait_for_it(
    make_rule, make_target, make_incident, receiver, standing
):
    target = make_target("webhook", receiver.url, hourly_budget=1)
    receiver.answer(500)
    make_incident()
    deliver_due()
    standing.advance(minutes=5)
    deliver_due()
    assert len(receiver.got) == 1
    assert Notification.objects.get().detail.startswith("Waits for the target's budget")
    assert target.enabled


def test_outside_of_its_hours_the_mild_waits_and_the_urgent_goes_to_the_fallback(
    make_rule, make_target, make_incident, standing, told
):
    standing.now = SUNDAY
    pager = make_target("inbox", name="pager", minimum_severity="critical")
    office = make_target("inbox", name="office", fallback=pager, **OFFICE)
    rules = {severity: make_rule(severity=severity) for severity in ("critical", "error")}
    for rule in rules.values():
        rule.targets.add(office)
    urgent, mild = (make_incident(rules[severity], severity) for severity in ("critical", "error"))
    assert told(incident=urgent, target=office) == [("trigger", "suppressed", "outside_hours")]
    assert told(incident=urgent, target=pager) == [("trigger", "pending", "")]
    assert told(incident=mild) == [("trigger", "pending", "")]
    assert deliver_due() == 1
    standing.now = MONDAY
    assert deliver_due() == 1
    assert Notification.objects.get(incident=mild).time_to_alert_ms == 0  # its hours began just now
    resolve_incident(urgent, None)
    assert told(incident=urgent, target=pager)[-1] == ("resolve", "pending", "")


def test_what_was_over_before_the_hours_began_is_not_told(make_rule, make_target, make_incident, standing, told):
    standing.now = SUNDAY
    make_target("inbox", **OFFICE)
    incident = make_incident(make_rule(severity="warning"))
    standing.advance(hours=1)
    resolve_incident(incident, None)
    assert told() == [("trigger", "suppressed", "overtaken"), ("resolve", "suppressed", "never_triggered")]


def test_without_a_fallback_the_urgent_goes_to_the_target_itself(make_rule, make_target, make_incident, standing, told):
    standing.now = SUNDAY
    make_target("inbox", **OFFICE)
    make_incident(make_rule(severity="critical"))
    assert told() == [("trigger", "pending", "")]
    assert deliver_due() == 1


def test_what_cannot_be_reached_is_told_by_its_fallback(
    make_rule, make_target, make_incident, receiver, standing, told
):
    reserve = make_target("inbox", name="reserve", minimum_severity="critical")
    hook = make_target("webhook", receiver.url, fallback=reserve)
    rule = make_rule()
    rule.targets.add(hook)
    receiver.answer(500)
    incident = make_incident(rule)
    began = standing.now
    while not InboxMessage.objects.exists():
        deliver_due()
        standing.advance(seconds=30)
    assert standing.now - began <= timedelta(minutes=11)
    assert told(target=hook) == [("trigger", "failed", "")]
    row = Notification.objects.get(target=reserve)
    assert (row.state, row.fallback_of.target, row.detail) == ("sent", hook, f"{hook.name} could not be reached.")
    resolve_incident(incident, None)
    deliver_due()
    assert told(target=reserve)[-1] == ("resolve", "sent", "")
    assert told(target=hook)[-1] == ("resolve", "suppressed", "never_triggered")


def test_a_fallback_that_was_told_of_the_same_event_is_not_told_twice(make_rule, make_target, make_incident, receiver):
    reserve = make_target("inbox")
    make_target("webhook", receiver.url, fallback=reserve)
    receiver.answer(302)
    make_incident()
    deliver_due()
    assert Notification.objects.filter(target=reserve).count() == 1


def test_a_target_that_refuses_one_message_after_the_other_is_switched_off(
    make_rule, make_target, make_incident, receiver, standing
):
    hook = make_target("webhook", receiver.url)
    receiver.answer(302)
    for number in range(6):
        make_incident(make_rule(), f"s{number}")
        deliver_due()
        standing.advance(seconds=1)
    hook.refresh_from_db()
    assert (hook.enabled, hook.disabled_reason) == (False, "the receiver refused 5 messages in a row")
    assert len(receiver.got) == DeliveryAttempt.objects.exclude(status_code=None).count() == 5


def test_a_webhook_of_ones_own_is_switched_off_when_five_messages_end_refused_however_often_it_was_asked(
    make_rule, make_target, make_incident, receiver, standing
):
    hook = make_target("webhook", receiver.url)
    receiver.answer(404)
    for number in range(5):
        make_incident(make_rule(), f"s{number}")
    while Notification.objects.filter(state="pending").exists():
        hook.refresh_from_db()
        assert hook.enabled
        deliver_due()
        standing.advance(minutes=1)
    hook.refresh_from_db()
    assert (hook.enabled, hook.disabled_reason) == (False, "the receiver refused 5 messages in a row")
    assert len(receiver.got) > 20


def test_one_that_died_is_stood_in_for(make_rule, make_target, make_incident, told):
    reserve = make_target("inbox", name="reserve")
    dead = make_target("webhook", fallback=reserve, enabled=False, disabled_reason="the receiver says that it is gone")
    rule = make_rule()
    rule.targets.add(dead)
    make_incident(rule)
    assert told(target=dead) == [("trigger", "suppressed", "target_disabled")]
    assert told(target=reserve) == [("trigger", "pending", "")]
    Target.objects.filter(pk=dead.pk).update(disabled_reason="")  # by a person: on purpose
    make_incident(rule, "other")
    assert Notification.objects.filter(target=reserve).count() == 1
