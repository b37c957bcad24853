"""Workers that are killed while they deliver: between claim and call, between call and record. Nothing is lost; a pager
sees each key once; a chat sees at most one message more for each kill that fell after its call. KILLS=200 for more."""

import json
import os
import random
import signal
from collections import Counter

import pytest
from django.db import connection, connections

from alerts.delivery import run
from alerts.incidents.transitions import resolve_incident
from alerts.models import DeliveryAttempt, Notification
from tests.alerts.conftest import *  # noqa: F403  the receiver, the clock and the rows of the tests of alerts

pytestmark = pytest.mark.django_db(transaction=True)
KILLS = int(os.environ.get("KILLS", "12"))
POINTS = ("claimed", "sent")


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def run_worker(point, rounds):
    """A worker in a process of its own, killed at its nth passing of the point; None: it works until nothing is due."""
    connections.close_all()
    connection.close_pool()
    child = os.fork()
    if child == 0:
        try:
            work(point, rounds)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def work(point, rounds):
    passed = Counter()

    def strike(name):
        passed[name] += 1
        if name == point and passed[name] == rounds:
            die()

    real_send = run.send

    def send(notification):
        strike("claimed")
        sent = real_send(notification)
        strike("sent")
        return sent

    run.send = send
    run.deliver_due()


@pytest.mark.parametrize("seed", [int(os.environ.get("SEED", "7"))])
def test_killed_workers_lose_nothing_and_repeat_little(
    seed, make_target, make_rule, make_incident, receiver, standing, settings
):
    settings.DIAGNOSTICS = {**settings.DIAGNOSTICS, "STORM_INCIDENTS": 1000}
    die_of = random.Random(seed)
    base = receiver.url.rsplit("/hook", 1)[0]
    make_target("webhook", f"{base}/pager")
    make_target("webhook", f"{base}/chat")
    rule, opened, killed = make_rule(), [], 0
    for _ in range(100 * KILLS):  # where nothing is sent, nobody gets to be killed
        if killed >= KILLS:
            break
        if len(opened) < 200:
            opened.append(make_incident(rule, f"service-{len(opened)}"))
            standing.advance(seconds=1)
        if die_of.random() < 0.4:
            standing.advance(seconds=1)
            resolve_incident(die_of.choice(opened), None)
        killed += run_worker(die_of.choice(POINTS), die_of.randint(1, 3))
        standing.advance(seconds=46)  # the lease is over
        if killed % 3 == 0:
            run_worker(None, 0)
    assert killed >= KILLS, "workers end before the points at which they are to be killed"
    for _ in range(40):
        run_worker(None, 0)
        standing.advance(seconds=61)
    rows = Notification.objects.all()
    assert set(rows.values_list("state", flat=True)) <= {"sent", "suppressed", "failed"}
    assert set(rows.filter(state="suppressed").values_list("reason", flat=True)) <= {"never_triggered"}
    lost = rows.filter(state="failed")
    assert not lost.exists(), "an alert was lost"
    check_calls(receiver, rows)
    assert DeliveryAttempt.objects.filter(outcome="unknown").count() == killed


def check_calls(receiver, rows):
    calls = Counter((path, headers["webhook-id"]) for path, headers, _ in receiver.got)
    keys = {}
    for path, headers, body in receiver.got:
        data = json.loads(body)["data"]
        keys.setdefault((path, data["incident_id"], data["action"], headers["webhook-id"]), set()).add(
            data["dedup_key"]
        )
    assert all(len(found) == 1 for found in keys.values())  # by its key a pager counts repetitions once
    sent = {str(row.pk) for row in rows if row.state == "sent"}
    assert {name for _, name in calls} == sent, "told of what is not on record, or not told of what is"
    for (_, name), count in calls.items():
        kills = DeliveryAttempt.objects.filter(notification=name, outcome="unknown").count()
        assert count <= 1 + kills
