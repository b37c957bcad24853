"""Delivery: claimed, sent, tried again, given up; a killed worker loses nothing and changes no id."""

import threading
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connections, transaction

from alerts.delivery import run
from alerts.delivery.errors import DeliveryError
from alerts.delivery.plan import plan_test
from alerts.delivery.run import claim_next, deliver, deliver_due
from alerts.incidents.transitions import acknowledge_incident, resolve_incident
from alerts.integrations.registry import INTEGRATIONS
from alerts.models import DeliveryAttempt, Notification, Target
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def hook(make_target, receiver):
    return make_target("webhook", receiver.url)


def only():
    return Notification.objects.get()


def outcomes():
    return list(DeliveryAttempt.objects.order_by("pk").values_list("outcome", "status_code", "error"))


def ids_of(receiver):
    return [headers["webhook-id"] for _, headers, _ in receiver.got]


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


def test_what_waited_too_long_for_its_first_try_gets_it(hook, make_incident, standing):
    make_incident()
    standing.advance(hours=2)
    assert deliver_due() == 1
    assert only().state == "sent"


def test_a_worker_killed_between_claim_and_finish_loses_nothing_and_changes_no_id(
    hook, receiver, make_incident, standing
):
    make_incident()
    claimed, _ = claim_next()
    run.send(claimed)  # it arrives, and the worker dies before it can say so
    assert deliver_due() == 0  # leased
    standing.advance(seconds=44)
    assert deliver_due() == 0
    standing.advance(seconds=1)
    assert deliver_due() == 1
    assert only().state == "sent"
    assert [outcome for outcome, _, _ in outcomes()] == ["unknown", "sent"]
    assert ids_of(receiver) == [str(claimed.pk)] * 2


def test_what_workers_die_over_is_given_up_in_the_end(hook, receiver, make_incident, standing, monkeypatch):
    def die(notification):
        raise SystemExit

    monkeypatch.setattr(run, "send", die)
    make_incident()
    deaths = 0
    while only().state == "pending" and deaths < 99:
        with suppress(SystemExit):
            deliver_due()
        deaths += 1
        standing.now = only().next_attempt_at
    assert only().state == "failed"
    assert 5 <= deaths <= 10  # it steps aside for longer each time
    assert {outcome for outcome, _, _ in outcomes()} == {"unknown"}


def test_a_worker_that_comes_back_late_does_not_take_back_what_another_has_sent(
    hook, receiver, make_incident, standing
):
    make_incident()
    late, attempt = claim_next()
    standing.advance(seconds=45)
    deliver_due()
    receiver.answer(500)
    deliver(late, attempt)
    assert only().state == "sent"
    receiver.answer(400)
    deliver(late, attempt)
    assert only().state == "sent"


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_send_each_notification_once(hook, receiver, make_rule, make_incident):
    for _ in range(12):
        make_incident(make_rule())
    together = threading.Barrier(4)

    def work():
        try:
            together.wait(10)
            deliver_due()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(ids_of(receiver)) == len(set(ids_of(receiver))) == 12
    assert Notification.objects.filter(state="sent").count() == 12


@pytest.mark.django_db(transaction=True)
def test_what_another_worker_holds_is_passed_over_without_waiting(hook, receiver, make_rule, make_incident):
    first, second = (Notification.objects.get(incident=make_incident(make_rule())) for _ in range(2))
    held, done = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic():
                Notification.objects.select_for_update().get(pk=first.pk)
                held.set()
                done.wait(3)  # a worker that waits would get the first one then
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    claimed, _ = claim_next()
    done.set()
    thread.join(10)
    assert claimed.pk == second.pk


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_receiver_is_called(hook, receiver, make_incident):
    """Another connection can change the notification meanwhile."""
    seen = []

    def look():
        try:
            seen.append(Notification.objects.filter(pk=only().pk).update(reason=""))
            seen.append(DeliveryAttempt.objects.get().outcome)
        finally:
            connections.close_all()

    receiver.on_request = look
    make_incident()
    deliver_due()
    assert seen == [1, "unknown"]
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


def test_another_targets_trouble_delays_nobody(hook, receiver, make_target, make_incident, standing):
    make_target("inbox")
    receiver.answer(500)
    make_incident()
    deliver_due()
    assert set(Notification.objects.values_list("target__kind", "state")) == {("webhook", "pending"), ("inbox", "sent")}


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


def test_an_integration_that_breaks_stops_nobody_else_and_leaves_no_text_of_its_error(
    make_target, make_incident, monkeypatch, standing
):
    class Broken:
        def send(self, alert, setup):
            raise RuntimeError("password=hunter2secret")

    monkeypatch.setitem(INTEGRATIONS, "broken", Broken())
    make_target("broken")
    make_target("unheard-of")
    make_target("inbox")
    make_incident()
    assert deliver_due() == 3
    rows = Notification.objects.order_by("target_id")
    assert [row.state for row in rows] == ["pending", "failed", "sent"]
    assert DeliveryAttempt.objects.get(notification=rows[0]).error == "internal error (RuntimeError)"
    assert DeliveryAttempt.objects.get(notification=rows[1]).error == "there is no integration 'unheard-of'"


def test_a_run_ends_in_time_and_leaves_the_rest_to_the_next(make_target, make_rule, make_incident, monkeypatch):
    make_target("inbox")
    for _ in range(3):
        make_incident(make_rule())
    monkeypatch.setattr(run, "RUN_SECONDS", 0.05)
    real = run.send
    monkeypatch.setattr(run, "send", lambda notification: time.sleep(0.06) or real(notification))
    assert deliver_due() == 1
    assert Notification.objects.filter(state="pending").count() == 2


CANARIES = ("tok-3n-s3cr3t", "whsec_", "MfKQ9r8G", "hunter2secret", "AKIAIOSFODNN7EXAMPLE", "127.0.0.1")


@pytest.mark.parametrize(
    "answer",
    [
        (400, {"X-Token": "password=hunter2secret"}, b"password=hunter2secret AKIAIOSFODNN7EXAMPLE"),
        (500, {}, b"your token tok-3n-s3cr3t"),
        (302, {"Location": "https://u:hunter2secret@x.com/tok-3n-s3cr3t"}, b""),
    ],
)
@pytest.mark.parametrize("kind", ["webhook", "slack"])
def test_no_attempt_keeps_a_secret(make_target, receiver, make_incident, kind, answer, caplog):
    receiver.answer(answer)
    make_target(kind, receiver.url)
    make_incident()
    deliver_due()
    error = DeliveryAttempt.objects.get().error
    assert error.startswith("the receiver answered")
    assert not any(canary in error or canary in caplog.text for canary in CANARIES)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/tok-3n-s3cr3t", "https://10.0.0.1/tok-3n-s3cr3t", "ht tp://tok-3n-s3cr3t"]
)
def test_no_attempt_names_the_address_that_could_not_be_reached(make_target, receiver, make_incident, url, caplog):
    make_target("webhook", url)
    make_incident()
    deliver_due()
    error = DeliveryAttempt.objects.get().error
    assert error
    assert not any(canary in error or canary in caplog.text for canary in (*CANARIES, "10.0.0.1"))


def test_the_text_of_a_failure_is_redacted_and_bounded(make_target, make_incident, monkeypatch):
    class Talkative:
        def send(self, alert, setup):
            raise DeliveryError("refused for bob@shop.com password=hunter2secret " + "x" * 900)

    monkeypatch.setitem(INTEGRATIONS, "talkative", Talkative())
    make_target("talkative")
    make_incident()
    deliver_due()
    error = DeliveryAttempt.objects.get().error
    assert len(error) == 300
    assert "bob@shop.com" not in error
    assert "hunter2secret" not in error


def test_a_target_without_its_address_fails_for_good(make_target, make_incident):
    make_target("webhook")
    make_target("slack")
    make_incident()
    deliver_due()
    assert set(Notification.objects.values_list("state", flat=True)) == {"failed"}
