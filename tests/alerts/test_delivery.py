"""Delivery: sent, tried again, given up, in order; the end of what was told is told."""

from datetime import timedelta

import pytest

from alerts.delivery.claim import claim_next
from alerts.delivery.ledger import read_ledger
from alerts.delivery.plan import plan_test
from alerts.delivery.reconcile import reconcile
from alerts.delivery.run import deliver_due
from alerts.incidents.people import reopen_incident
from alerts.incidents.transitions import acknowledge_incident, resolve_incident
from alerts.models import DeliveryAttempt, Notification, Target
from tests.alerts.deliveries import ids_of, only, outcomes
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_what_is_sent_is_written_down_with_its_attempt_and_not_sent_again(hook, receiver, make_incident, standing):
    make_incident()
    standing.advance(milliseconds=1500)
    assert deliver_due() == 1
    row = only()
    assert (row.state, row.attempts, row.sent_at, row.time_to_alert_ms) == ("sent", 1, standing.now, 1500)
    assert outcomes() == [("sent", 200, "")]
    assert DeliveryAttempt.objects.get().duration_ms >= 0
    standing.advance(hours=1)
    assert deliver_due() == 0
    assert ids_of(receiver) == [str(row.pk)]


def test_a_fault_that_passes_is_tried_again_later_each_time_and_with_the_same_id(
    hook, receiver, make_incident, standing
):
    receiver.answer(503, 429, 200)
    make_incident()
    waits = []
    while only().state == "pending":
        assert deliver_due() == 1
        assert deliver_due() == 0  # not before its time
        waits.append((only().next_attempt_at - standing.now).total_seconds())
        standing.now = only().next_attempt_at
    assert 1.5 <= waits[0] <= 3 <= waits[1] <= 6
    assert outcomes() == [
        ("retry", 503, "the receiver answered 503"), ("retry", 429, "the receiver answered 429"), ("sent", 200, ""),
    ]  # fmt: skip
    assert len(set(ids_of(receiver))) == 1
    assert len({headers["webhook-signature"] for _, headers, _ in receiver.got}) == 3  # a fresh time each time


def test_a_receiver_that_asks_for_patience_gets_it(hook, receiver, make_incident, standing):
    receiver.answer((429, {"Retry-After": "120"}, b""))
    make_incident()
    deliver_due()
    assert only().next_attempt_at == standing.now + timedelta(seconds=120)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_a_receiver_of_ones_own_may_refuse_while_it_is_redeployed(hook, receiver, make_incident, standing, status):
    receiver.answer(status, status, 200)
    make_incident()
    for _ in range(3):
        deliver_due()
        standing.advance(minutes=1)
    assert (only().state, [outcome for outcome, _, _ in outcomes()]) == ("sent", ["retry", "retry", "sent"])


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_refusal_is_final_and_keeps_the_target(hook, receiver, make_incident, standing, status):
    receiver.answer((status, {"Location": "http://127.0.0.1/"}, b""))
    make_incident()
    deliver_due()
    standing.advance(hours=1)
    assert deliver_due() == 0
    assert (only().state, outcomes()) == ("failed", [("permanent", status, f"the receiver answered {status}")])
    hook.refresh_from_db()
    assert hook.enabled
    assert hook.failing_since is not None
    assert len(receiver.got) == 1


def test_gone_switches_the_target_off_and_what_waits_for_it_fails_without_a_call(
    hook, receiver, make_rule, make_incident, standing
):
    receiver.answer(410)
    make_incident(make_rule())
    make_incident(make_rule())
    deliver_due()
    hook.refresh_from_db()
    assert (hook.enabled, hook.disabled_reason) == (False, "the receiver says that it is gone")
    assert set(Notification.objects.values_list("state", flat=True)) == {"failed"}
    assert len(receiver.got) == 1


def test_trouble_is_noted_once_and_forgotten_when_it_is_over(hook, receiver, make_incident, standing):
    receiver.answer(500, 500, 200)
    make_incident()
    began = standing.now
    for _ in range(2):
        deliver_due()
        standing.now = only().next_attempt_at
    hook.refresh_from_db()
    assert hook.failing_since == began
    deliver_due()
    hook.refresh_from_db()
    assert hook.failing_since is None


def test_it_gives_up_when_an_alert_comes_too_late(hook, receiver, make_incident, standing):
    receiver.answer(500)
    make_incident()
    created = standing.now
    while only().state == "pending":
        deliver_due()
        standing.now = only().next_attempt_at
    attempts = DeliveryAttempt.objects.order_by("pk")
    assert attempts.last().started_at <= created + timedelta(minutes=30)
    assert attempts.last().outcome == "permanent"
    assert 10 <= len(attempts) <= 20


def test_the_end_is_tried_for_hours_so_that_no_page_stays_open(hook, receiver, make_incident, standing):
    receiver.answer(200, 500)
    resolve_incident(make_incident(), None)
    began = standing.now
    deliver_due()
    standing.advance(hours=5, minutes=30)
    while Notification.objects.filter(state="pending").exists():
        deliver_due()
        standing.now = max(standing.now, Notification.objects.order_by("-next_attempt_at")[0].next_attempt_at)
    assert timedelta(hours=5.9) < DeliveryAttempt.objects.last().started_at - began <= timedelta(hours=6)


def test_what_began_and_ended_in_one_moment_is_told_in_this_order(hook, make_incident, standing, told):
    resolve_incident(make_incident(), None)
    rows = Notification.objects.order_by("event")
    Notification.objects.filter(pk=rows[0].pk).update(detail="moved to the end of the table")
    first, _ = claim_next()
    assert (first.action, claim_next()) == ("trigger", None)


def test_what_waited_too_long_for_its_first_try_gets_it(hook, make_incident, standing):
    make_incident()
    standing.advance(hours=2)
    assert deliver_due() == 1
    assert only().state == "sent"


def test_the_end_waits_until_the_beginning_has_been_told(hook, receiver, make_incident, standing, told):
    receiver.answer(500, 200)
    incident = make_incident()
    standing.advance(seconds=1)
    deliver_due()
    resolve_incident(incident, None)
    assert deliver_due() == 0
    standing.advance(seconds=10)
    assert deliver_due() == 2
    assert [b'"incident.triggered"' in body for _, _, body in receiver.got] == [True, True, False]
    assert b'"incident.resolved"' in receiver.got[2][2]


def test_the_end_of_what_could_not_be_told_is_not_told(hook, receiver, make_incident, standing, told):
    receiver.answer(500, 302, 200)
    incident = make_incident()
    deliver_due()
    standing.advance(seconds=1)
    acknowledge_incident(incident, make_user())
    standing.advance(seconds=1)
    resolve_incident(incident, None)
    standing.advance(seconds=10)
    deliver_due()
    assert told() == [
        ("trigger", "failed", ""),
        ("acknowledge", "suppressed", "never_triggered"),
        ("resolve", "suppressed", "never_triggered"),
    ]
    assert len(receiver.got) == 2


def test_a_test_of_a_target_does_not_wait_for_what_fails(hook, receiver, make_incident, standing):
    receiver.answer(500, 200)
    make_incident()
    deliver_due()
    standing.advance(milliseconds=500)
    plan_test(hook)
    assert deliver_due() == 1
    assert b'"incident.test"' in receiver.got[1][2]
    hook.refresh_from_db()
    assert hook.failing_since is None


def test_a_target_switched_off_in_between_is_not_called_but_for_tests(hook, receiver, make_incident, standing):
    make_incident()
    Target.objects.update(enabled=False)
    deliver_due()
    assert outcomes() == [("permanent", None, "the target is switched off")]
    assert receiver.got == []
    plan_test(Target.objects.get())
    deliver_due()
    assert len(receiver.got) == 1


def test_of_equals_what_leaves_the_building_goes_before_the_inbox(make_target, hook, make_incident):
    make_target("inbox")
    make_incident()
    kinds = [claim_next()[0].target.kind for _ in range(2)]
    assert kinds == ["webhook", "inbox"]


@pytest.mark.parametrize("again", [True, False])
def test_who_was_switched_off_hears_of_the_end_when_switched_on_again(
    hook, receiver, make_incident, standing, told, again
):
    incident = make_incident()
    deliver_due()
    Target.objects.filter(pk=hook.pk).update(enabled=False)
    standing.advance(minutes=1)
    resolve_incident(incident, None)
    reconcile(standing.now)
    assert told()[-1] == ("resolve", "suppressed", "target_disabled")
    Target.objects.filter(pk=hook.pk).update(enabled=True, send_resolved=again)
    standing.advance(minutes=1)
    for _ in range(2):
        reconcile(standing.now)
        deliver_due()
    assert told()[-1] == (("resolve", "sent", "") if again else ("resolve", "suppressed", "target_disabled"))
    assert len(receiver.got) == 1 + again
    assert all(line.adds_up for line in read_ledger([incident]))


def test_who_never_heard_of_it_hears_of_no_end_when_switched_on_again(hook, receiver, make_incident, standing, told):
    Target.objects.filter(pk=hook.pk).update(enabled=False)
    incident = make_incident()
    resolve_incident(incident, None)
    Target.objects.filter(pk=hook.pk).update(enabled=True)
    reconcile(standing.now)
    assert {state for _, state, _ in told()} == {"suppressed"}


def test_an_end_that_was_told_is_not_told_again_after_a_second_round(hook, receiver, make_incident, standing, told):
    incident = make_incident()
    deliver_due()
    standing.advance(minutes=1)
    resolve_incident(incident, None)
    deliver_due()
    Target.objects.filter(pk=hook.pk).update(enabled=False)
    standing.advance(minutes=1)
    reopen_incident(incident, make_user())
    standing.advance(minutes=1)
    resolve_incident(incident, None)
    Target.objects.filter(pk=hook.pk).update(enabled=True)
    reconcile(standing.now)
    assert told()[-1] == ("resolve", "suppressed", "target_disabled")
