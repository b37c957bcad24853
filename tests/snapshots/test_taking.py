"""Snapshots that are taken by themselves: handed over by the digest, settled once, within budgets."""

import threading
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, connections
from django_q.models import OrmQ

from diagnostics.core import clock
from diagnostics.digest.run import digest_all
from diagnostics.environments import create_environment
from diagnostics.models import Environment, ErrorGroup, IngestBatch, LogRecord
from diagnostics.privacy.jobs import request_job
from diagnostics.privacy.subject import Subject
from sessions_app import tasks
from sessions_app.models import DueSnapshot, LeftOut, LogSession, Snapshot
from sessions_app.snapshots import bell, due, freeze, take
from tests.factories import make_key, send_json


@pytest.fixture
def place(transactional_db, monkeypatch):
    monkeypatch.setattr(due, "DELAY", timedelta(0))
    rung = []
    monkeypatch.setattr(bell.BELL, "ring", lambda: rung.append(1))
    environment = create_environment("taking")
    key = make_key(environment)

    def send(*records):
        answer = async_to_sync(send_json)(key, [{"service": "shop", **each} for each in records])
        assert answer.json()["accepted"] == len(records)
        assert digest_all()

    send.environment, send.rung = environment, rung
    return send


def crash(session="s-1", message="boom", **fields):
    return {"level": "fatal", "message": message, "session.id": session, **fields}


def due_rows(**where):
    return list(DueSnapshot.objects.filter(**where).order_by("pk").values_list("reason", "subject", "outcome"))


def test_a_session_that_crashes_is_frozen_with_what_led_to_it(place):
    place({"message": "opened the cart", "session.id": "s-1"}, crash(error_type="GiftCardError"))
    assert [row[::2] for row in due_rows(reason="crash")] == [("crash", "")]
    assert place.rung == [1, 1]  # a crash, and a new error
    tasks.snapshots_task()
    snapshot = Snapshot.objects.get()
    assert (snapshot.reason, snapshot.is_news, snapshot.session_id) == ("crash", True, "s-1")
    assert snapshot.reasons == ["Crash", "New error"]
    assert (snapshot.title, snapshot.records, snapshot.service_name) == ("boom", 2, "shop")
    assert sorted(row[2] for row in due_rows()) == ["same", "taken"]


def test_whichever_comes_first_the_crash_and_its_error_are_one_story(place):
    place(crash())
    for reason in ("new_error", "crash"):
        row = DueSnapshot.objects.get(reason=reason)
        take.settle_safely(row)
    snapshot = Snapshot.objects.get()
    assert (snapshot.reason, snapshot.is_news) == ("crash", True)


def test_an_error_is_frozen_when_it_is_new_and_when_it_comes_back(place):
    error = {"level": "error", "message": "payment failed", "session.id": "s-1"}
    place(error)
    place(error)
    tasks.sweep()
    assert [snapshot.reason for snapshot in Snapshot.objects.all()] == ["new_error"]
    ErrorGroup.objects.update(news="", resolved_at=clock.now())
    place({**error, "session.id": "s-2"})
    tasks.sweep()
    assert [(snapshot.reason, snapshot.session_id) for snapshot in Snapshot.objects.order_by("pk")] == [
        ("new_error", "s-1"),
        ("came_back", "s-2"),
    ]


def test_of_an_errors_first_records_one_that_can_be_followed_back_is_chosen(place):
    error = {"level": "error", "message": "payment failed"}
    place(error, {**error, "session.id": "s-1"})
    tasks.sweep()
    assert Snapshot.objects.get().scope == "session"


def test_history_that_is_imported_is_no_news(place):
    old = (clock.now() - timedelta(hours=7)).isoformat()
    place(crash(timestamp=old))
    assert due_rows() == []


def test_a_task_that_comes_twice_or_late_changes_nothing(place):
    place(crash())
    for _ in range(3):
        tasks.snapshots_task()
    assert Snapshot.objects.count() == 1
    DueSnapshot.objects.update(outcome="", leased_until=None)  # as if nobody had noted it
    tasks.snapshots_task()
    assert Snapshot.objects.count() == 1
    place(crash())
    tasks.sweep()
    assert Snapshot.objects.count() == 1


def test_who_holds_the_lease_is_alone_and_a_dead_worker_frees_it(place):
    place(crash())
    DueSnapshot.objects.filter(reason="new_error").delete()
    assert take.claim() is not None  # and dies
    tasks.snapshots_task()
    assert Snapshot.objects.count() == 0
    DueSnapshot.objects.update(leased_until=clock.now() - timedelta(seconds=1))
    tasks.snapshots_task()
    assert Snapshot.objects.count() == 1


def test_a_crash_of_ours_between_freezing_and_noting_leaves_nothing_half_done(place, monkeypatch):
    place(crash())
    real = take.note

    def dies(row, outcome):
        raise MemoryError

    monkeypatch.setattr(take, "note", dies)
    tasks.snapshots_task()
    assert Snapshot.objects.count() == 0
    assert {row[2] for row in due_rows()} == {""}
    monkeypatch.setattr(take, "note", real)
    DueSnapshot.objects.update(due_at=clock.now())
    tasks.snapshots_task()
    assert Snapshot.objects.count() == 1


def test_what_fails_again_and_again_is_given_up(place, monkeypatch):
    place(crash())
    monkeypatch.setattr(take, "freeze", lambda *_, **__: 1 / 0)
    for _ in range(take.MOST_TRIES + 1):
        tasks.snapshots_task()
        DueSnapshot.objects.update(due_at=clock.now())
    assert {row[2] for row in due_rows()} == {"failed"}


def test_a_storm_of_crashes_costs_little_and_what_it_leaves_out_is_counted(place, monkeypatch):
    place(*(crash(f"s-{number}") for number in range(due.MOST_DUE + 7)))
    assert len(due_rows(reason="crash")) == due.MOST_DUE
    assert LeftOut.objects.get(reason="crash").count == 7
    place(*(crash(f"s-{number}") for number in range(due.MOST_DUE + 7)))  # they tell of it again
    assert LeftOut.objects.get(reason="crash").count == 7
    tasks.snapshots_task()
    assert Snapshot.objects.filter(reason="crash").count() == take.SAME_ERROR
    assert LeftOut.objects.get(reason="crash").count == 7 + due.MOST_DUE - take.SAME_ERROR
    place(*(crash(f"t-{number}") for number in range(3)))
    assert len(due_rows(reason="crash")) == due.MOST_DUE
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=61))
    place(crash("later"))
    assert len(due_rows(reason="crash")) == due.MOST_DUE + 1


def test_many_new_errors_are_within_a_budget_of_their_own(place):
    words = [f"{chr(97 + number // 26)}{chr(97 + number % 26)} is wrong" for number in range(due.MOST_DUE + 5)]
    place(*({"level": "error", "message": text} for text in words))
    place(*({"level": "error", "message": text} for text in words))
    assert len(due_rows(reason="new_error")) == due.MOST_DUE
    assert LeftOut.objects.get(reason="new_error").count == 5
    place(crash())
    assert len(due_rows(reason="crash")) == 1


def test_a_digest_without_trouble_asks_nothing_for_snapshots(place, django_assert_num_queries):
    place({"message": "fine", "session.id": "s-1"}, {"level": "warn", "message": "so so", "session.id": "s-1"})
    batches = list(IngestBatch.objects.all())
    with django_assert_num_queries(0):
        due.fold_crashes(batches)
        due.fold_news(batches)


def test_switched_off_nothing_is_handed_over_and_what_was_is_dropped(place):
    place(crash())
    Environment.objects.update(snapshots_enabled=False)
    tasks.snapshots_task()
    assert Snapshot.objects.count() == 0
    assert {row[2] for row in due_rows()} == {"off"}
    DueSnapshot.objects.all().delete()
    place(crash("s-2", "another kind of trouble"))
    assert due_rows() == []


def test_records_that_are_gone_leave_nothing(place):
    place(crash())
    LogRecord.objects.all().delete()
    tasks.snapshots_task()
    assert {row[2] for row in due_rows()} == {"gone"}


def test_while_somebody_is_being_erased_nothing_is_frozen(place):
    place(crash())
    job = request_job("erase", Subject.from_typed(place.environment, "jane"), None, {})
    tasks.snapshots_task()
    assert Snapshot.objects.count() == 0
    assert set(DueSnapshot.objects.values_list("outcome", "tries")) == {("", 0)}
    job.state = "done"
    job.save()
    DueSnapshot.objects.update(due_at=clock.now())
    tasks.snapshots_task()
    assert Snapshot.objects.count() == 1


def test_workers_at_once_take_each_once(place):
    place(*(crash(f"s-{number}", f"{'abcdefgh'[number]} is broken") for number in range(8)))

    def work():
        take.take_due()
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert Snapshot.objects.count() == 8
    assert set(Snapshot.objects.values_list("reason", "is_news")) == {("crash", True)}
    assert sorted({row[2] for row in due_rows()}) == ["same", "taken"]


def test_a_session_of_another_environment_is_another_session(place):
    other = create_environment("taking-too")
    place(crash())
    tasks.snapshots_task()
    assert not Snapshot.objects.filter(environment=other).exists()
    assert LogSession.objects.get(environment=place.environment).crashed


def test_the_bell_queues_one_task_for_all_that_came_meanwhile(transactional_db, monkeypatch):
    monkeypatch.setattr(bell, "DELAY", timedelta(milliseconds=10))
    monkeypatch.setattr(bell, "SPARE_SECONDS", 0.0)
    late = bell.LateBell()
    for _ in range(3):
        late.ring()
    timer = late.timer
    timer.join()
    assert [task.func() for task in OrmQ.objects.all()] == [bell.TASK]
    late.ring()
    late.hush()
    assert OrmQ.objects.count() <= 2
    connection.close()


def test_the_turn_is_taken_before_anything_is_read(place, monkeypatch):
    place(crash())
    seen = []
    monkeypatch.setattr(take, "take_turn", lambda *_: seen.append("turn"))
    monkeypatch.setattr(freeze, "take_turn", lambda *_: seen.append("turn"))
    real = freeze.read_story
    monkeypatch.setattr(freeze, "read_story", lambda record: (seen.append("read"), real(record))[1])
    tasks.snapshots_task()
    assert seen[:3] == ["turn", "turn", "read"]
