"""Workers: a killed one loses nothing and changes no id, several send each message once, and nobody waits for another."""

import threading
import time
from contextlib import suppress

import pytest
from django.db import connections, transaction

from alerts.delivery import run
from alerts.delivery.run import claim_next, deliver, deliver_due
from alerts.integrations.registry import INTEGRATIONS
from alerts.models import DeliveryAttempt, Notification
from tests.alerts.deliveries import ids_of, only, outcomes

pytestmark = pytest.mark.django_db


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


def test_another_targets_trouble_delays_nobody(hook, receiver, make_target, make_incident, standing):
    make_target("inbox")
    receiver.answer(500)
    make_incident()
    deliver_due()
    assert set(Notification.objects.values_list("target__kind", "state")) == {("webhook", "pending"), ("inbox", "sent")}


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
