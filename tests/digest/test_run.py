"""The digest: each batch is folded exactly once, whoever digests, and a fault costs nobody else."""

import threading
from contextlib import nullcontext

import pytest
from django.db import OperationalError, connection, connections

from diagnostics import tasks
from diagnostics.core import clock
from diagnostics.core.options import plugins
from diagnostics.digest import run
from diagnostics.models import Event, IngestBatch, MinuteRollup
from tests.factories import make_environment

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = 29_000_000


@pytest.fixture(autouse=True)
def only_rollups(settings):
    settings.DIAGNOSTICS = {**settings.DIAGNOSTICS, "DIGESTERS": ["diagnostics.digest.rollups.fold_rollups"]}


@pytest.fixture
def environment():
    return make_environment()


def add_batch(environment, *sums):
    last = IngestBatch.objects.order_by("id").last()
    return IngestBatch.objects.create(
        id=last.pk + 1 if last else 1, environment=environment, received_at=clock.now(), sums=list(sums)
    )


def line(minute=MINUTE, source="log", service="web", route="/", release="", counts=(1,) * 9, latency=None):
    return [minute, source, service, route, release, list(counts), latency or {}]


def rollups(environment):
    return list(MinuteRollup.objects.filter(environment=environment).order_by("minute", "source", "http_route"))


def test_sums_are_added_over_batches_and_digests(environment):
    add_batch(environment, line(counts=range(1, 10), latency={"3": 1, "5": 2}), line(route="/b"))
    add_batch(environment, line(counts=range(1, 10), latency={"5": 4}), line(source="span"))
    assert run.digest() == 2
    add_batch(environment, line(counts=[1] * 9, latency={"7": 1}), line(minute=MINUTE + 1))
    assert run.digest() == 1
    assert run.digest() == 0
    rows = rollups(environment)
    assert [(row.source, row.http_route) for row in rows] == [("log", "/"), ("log", "/b"), ("span", "/"), ("log", "/")]
    assert [getattr(rows[0], name) for name in MinuteRollup.COUNTS] == [2 * n + 1 for n in range(1, 10)]
    assert rows[0].latency == {"3": 1, "5": 6, "7": 1}
    assert (rows[3].minute - rows[0].minute).total_seconds() == 60


def test_digesters_at_the_same_time_fold_each_batch_once(environment):
    for number in range(90):
        add_batch(environment, line(minute=MINUTE + number % 3, latency={"5": 2}))

    def digest_until_done():
        try:
            while run.digest(7):
                pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=digest_until_done) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(row.records, row.latency) for row in rollups(environment)] == [(30, {"5": 60})] * 3
    assert not IngestBatch.objects.filter(digested_at=None).exists()


def test_a_batch_that_cannot_be_folded_steps_aside(environment):
    good = add_batch(environment, line())
    bad = add_batch(environment, ["not", "a", "line"])
    last = add_batch(environment, line())
    run.digest()
    bad.refresh_from_db()
    assert bad.answer["digest_error"] == "ValueError"
    assert [row.records for row in rollups(environment)] == [2]
    for batch in (good, bad, last):
        batch.refresh_from_db()
        assert batch.digested_at is not None


def test_a_later_fold_that_fails_takes_the_rollups_with_it(environment, monkeypatch):
    batch = add_batch(environment, line())
    folds = plugins("DIGESTERS")

    def broken(batches):
        raise KeyError("broken")

    monkeypatch.setattr(run, "plugins", lambda _: [*folds, broken])
    run.digest()
    assert rollups(environment) == []  # all folds of a batch or none
    batch.refresh_from_db()
    assert batch.answer["digest_error"] == "KeyError"


@pytest.mark.parametrize(
    ("sql", "waits"),
    [
        ("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'deadlock_detected'; END $$", True),
        ("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'lock_not_available'; END $$", True),
        ("SET LOCAL statement_timeout = 20; SELECT pg_sleep(5)", False),  # its own fault: it would hold up all others
    ],
)
def test_a_batch_waits_when_the_fault_is_nobodys_and_soon_over(environment, monkeypatch, sql, waits):
    batch = add_batch(environment, line())
    folds = plugins("DIGESTERS")

    def fail(batches):
        with connection.cursor() as cursor:
            cursor.execute(sql)

    with monkeypatch.context() as patch:
        patch.setattr(run, "plugins", lambda _: [*folds, fail])
        with pytest.raises(OperationalError) if waits else nullcontext():
            run.digest()
    batch.refresh_from_db()
    assert (batch.digested_at is None) == waits
    run.digest()
    assert [row.records for row in rollups(environment)] == ([1] if waits else [])


def test_a_task_that_has_no_time_left_leaves_the_rest_to_another(environment, monkeypatch):
    for _ in range(3):
        add_batch(environment, line())
    monkeypatch.setattr(run, "CLAIMED", 1)
    monkeypatch.setattr(run, "digest", lambda real=run.digest: real(1))
    assert not run.digest_all(seconds=0)
    assert rollups(environment)[0].records == 1
    assert run.digest_all()
    assert rollups(environment)[0].records == 3


def test_a_part_of_the_sweep_that_fails_keeps_no_other_from_being_done(environment, monkeypatch, caplog):
    def ensure_partitions():
        raise OperationalError("canceling statement due to lock timeout")

    batch = add_batch(environment, line())
    monkeypatch.setattr(tasks, "ensure_partitions", ensure_partitions)
    tasks.sweep()
    batch.refresh_from_db()
    assert batch.digested_at is not None
    assert "a part of the sweep failed: ensure_partitions" in caplog.text


def test_a_new_release_is_a_deploy_once(environment):
    add_batch(environment, line(release="1.0"))
    run.digest()
    add_batch(environment, line(minute=MINUTE + 5, release="1.1"), line(minute=MINUTE + 6, release="1.1"))
    add_batch(environment, line(minute=MINUTE + 7, release="1.0"))
    run.digest()
    found = Event.objects.filter(environment=environment).order_by("timestamp").values_list("release", "title")
    assert [release for release, _ in found] == ["1.0", "1.1"]
    assert "first seen" in found[0][1]
    assert "deployed" in found[1][1]


def test_a_deploy_of_two_long_names_is_kept_and_stops_no_digest(environment):
    service = "s" * 200
    for release in ("r" * 200, "n" * 200):
        add_batch(environment, line(service=service, release=release))
        assert run.digest() == 1
    deploys = Event.objects.filter(environment=environment).order_by("pk")
    assert [(event.release[0], len(event.title)) for event in deploys] == [("r", 300), ("n", 300)]
    assert [event.release[0] for event in deploys.changes()] == ["n"]
