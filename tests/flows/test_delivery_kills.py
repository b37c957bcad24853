"""Workers that are killed while they deliver: between claim and call, between call and record. Nothing is lost; a pager
sees each key once; a kill between claim and call costs nothing, and one between call and record exactly one message more,
which only a chat shows. A message is never given up for it: losing one would be worse than two. KILLS=200 for more."""

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


def run_worker(point, rounds):
    """A worker in a process of its own, killed at its nth passing of the point; None: it works until nothing is due.
    Gives the notification over which it died."""
    connections.close_all()
    connection.close_pool()
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work(point, rounds, said)
        finally:
            os._exit(0)
    os.close(said)
    with os.fdopen(heard) as words:
        victim = words.read()
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) is bool(victim)
    return victim


def work(point, rounds, said):
    passed = Counter()

    def strike(name, notification):
        passed[name] += 1
        if name == point and passed[name] == rounds:
            os.write(said, str(notification.pk).encode())
            os.kill(os.getpid(), signal.SIGKILL)

    real_send = run.send

    def send(notification):
        strike("claimed", notification)
        sent = real_send(notification)
        strike("sent", notification)
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
    make_target("slack", f"{base}/chat", digest_seconds=0)
    rule, opened, killed, told_twice = make_rule(), [], 0, Counter()
    for _ in range(100 * KILLS):  # where nothing is sent, nobody gets to be killed
        if killed >= KILLS:
            break
        if len(opened) < 200:
            opened.append(make_incident(rule, f"service-{len(opened)}"))
            standing.advance(seconds=1)
        if die_of.random() < 0.4:
            standing.advance(seconds=1)
            resolve_incident(die_of.choice(opened), None)
        point = die_of.choice(POINTS)
        victim = run_worker(point, die_of.randint(1, 3))
        killed += bool(victim)
        told_twice[victim] += point == "sent"
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
    check_pager(receiver, rows.filter(target__kind="webhook"), told_twice)
    check_chat(receiver, rows.filter(target__kind="slack"), told_twice)
    assert DeliveryAttempt.objects.filter(outcome="unknown").count() == killed


def check_pager(receiver, rows, told_twice):
    calls, keys = Counter(), {}
    for _, headers, body in calls_to(receiver, "/pager"):
        data = json.loads(body)["data"]
        calls[headers["webhook-id"]] += 1
        keys.setdefault((data["incident_id"], data["action"]), set()).add((headers["webhook-id"], data["dedup_key"]))
    assert all(len(found) == 1 for found in keys.values())  # by its key a pager counts repetitions once
    sent = {str(row.pk) for row in rows if row.state == "sent"}
    assert set(calls) == sent, "told of what is not on record, or not told of what is"
    assert {name: count for name, count in calls.items() if count > 1} == extras(sent, told_twice)


def check_chat(receiver, rows, told_twice):
    calls = Counter()
    for _, _, body in calls_to(receiver, "/chat"):
        message = json.loads(body)
        link = next(button["url"] for button in message["blocks"][-1]["elements"])
        calls[
            int(link.rstrip("/").rsplit("/", 1)[1]), "Triggered" if "Triggered" in message["text"] else "Resolved"
        ] += 1
    names = {"trigger": "Triggered", "resolve": "Resolved"}
    sent = {str(row.pk): (row.incident_id, names[row.action]) for row in rows if row.state == "sent"}
    assert set(calls) == set(sent.values())
    more = {sent[name]: count for name, count in extras(sent, told_twice).items()}
    assert {message: count for message, count in calls.items() if count > 1} == more


def calls_to(receiver, path):
    return [call for call in receiver.got if call[0] == path]


def extras(names, told_twice):
    """How often each was told that was told more than once: once, and again for each kill after its call."""
    return {name: 1 + told_twice[name] for name in names if told_twice[name]}
