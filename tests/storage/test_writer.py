"""Group commit: after the commit, exactly once, and one bad request never costs another."""

import asyncio

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from diagnostics.core.errors import Unavailable
from diagnostics.models import LogRecord
from diagnostics.storage import writer
from tests.factories import make_batch, make_environment, make_key, send_json

pytestmark = pytest.mark.django_db(transaction=True)
WAIT = 20


@pytest.fixture
def environment():
    return make_environment()


@pytest.fixture
def own_writer():
    """A writer with connections of its own."""
    made = writer.Writer()
    yield made
    made.close()


def bodies(environment):
    rows = LogRecord.objects.filter(environment_id=environment.pk).order_by(*LogRecord.ORDER)
    return list(rows.values_list("body", flat=True))


def submit_together(own_writer, *batches):
    """All in one group: the threads cannot take any before the last is there."""
    with own_writer.ready:
        return [own_writer.submit(batch) for batch in batches]


def test_a_receipt_means_that_another_connection_sees_the_rows(environment, own_writer):
    receipt = own_writer.submit(make_batch(environment, "a", "b")).result(WAIT)
    assert receipt.accepted == 2
    with psycopg.connect(**writer.connection_parameters()) as other:
        found = other.execute("SELECT count(*) FROM diagnostics_log WHERE environment_id = %s", (environment.pk,))
        assert found.fetchone() == (2,)


def test_nothing_is_answered_before_the_commit(environment, own_writer):
    with connection.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE diagnostics_ingest_batch IN SHARE MODE")
        future = own_writer.submit(make_batch(environment, "waits"))
        with pytest.raises(TimeoutError):
            future.result(0.5)
        cursor.execute("COMMIT")
    assert future.result(WAIT).accepted == 1


def test_requests_that_arrive_together_share_a_transaction(environment, own_writer):
    for future in submit_together(own_writer, *(make_batch(environment, str(n)) for n in range(20))):
        future.result(WAIT)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT xmin::text) FROM diagnostics_ingest_batch WHERE environment_id = %s",
            [environment.pk],
        )
        assert cursor.fetchone() == (1,)
    assert len(bodies(environment)) == 20


def test_a_commit_whose_answer_was_lost_is_not_repeated(environment, own_writer, monkeypatch):
    write_group, lost = writer.write_group, []

    def lose_the_answer(connection, ids, batches):
        receipts = write_group(connection, ids, batches)
        if not lost:
            lost.append(True)
            connection.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return receipts

    monkeypatch.setattr(writer, "write_group", lose_the_answer)
    assert own_writer.submit(make_batch(environment, "a", "b")).result(WAIT).accepted == 2
    assert lost
    assert bodies(environment) == ["a", "b"]


def test_a_killed_connection_is_opened_again(environment, own_writer):
    own_writer.submit(make_batch(environment, "before")).result(WAIT)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'diagnostics-ingest' AND datname = current_database()"
        )
    assert own_writer.submit(make_batch(environment, "after")).result(WAIT).accepted == 1
    assert bodies(environment) == ["before", "after"]


@pytest.mark.parametrize("status", [99_999, 2**70])
def test_records_that_the_database_refuses_are_named_and_the_others_kept(environment, own_writer, status):
    neighbour, poisoned = make_batch(environment, "good"), make_batch(environment, *(f"r{n}" for n in range(20)))
    poisoned.parsed.records[7].http_status = status
    poisoned.parsed.records[13].body = "nul \0 byte"
    good, bad = submit_together(own_writer, neighbour, poisoned)
    assert good.result(WAIT).accepted == 1
    receipt = bad.result(WAIT)
    assert receipt.accepted == 18
    assert sorted(item.index for item in receipt.rejections) == [7, 13]
    assert bodies(environment) == ["good", *(f"r{n}" for n in range(20) if n not in (7, 13))]


def test_crossing_idempotency_keys_are_each_stored_once(environment, own_writer):
    keys = [f"k{n}" for n in range(60)]
    pairs = zip(keys, reversed(keys), strict=True)
    futures = [own_writer.submit(make_batch(environment, key, idempotency_key=key)) for pair in pairs for key in pair]
    assert sum(not future.result(WAIT).duplicate for future in futures) == 60
    assert sorted(bodies(environment)) == sorted(keys)


def test_a_full_queue_says_so_and_empties_again(environment, own_writer, monkeypatch):
    monkeypatch.setattr(writer, "QUEUED_ROWS", 1)
    with own_writer.ready:
        first = own_writer.submit(make_batch(environment, "a", "b"))
        with pytest.raises(Unavailable):
            own_writer.submit(make_batch(environment, "c"))
    first.result(WAIT)
    assert own_writer.submit(make_batch(environment, "d")).result(WAIT).accepted == 1


async def test_many_single_records_at_once_are_all_stored(environment):
    key = await sync_to_async(make_key)(environment)
    answers = await asyncio.gather(*(send_json(key, {"message": f"m{n}"}) for n in range(300)))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(await sync_to_async(bodies)(environment)) == sorted(f"m{n}" for n in range(300))


async def test_without_a_database_it_asks_to_come_back(environment, monkeypatch):
    key = await sync_to_async(make_key)(environment)
    assert (await send_json(key, {"message": "before"})).status_code == 200
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.1)

    def nobody_home(session):
        raise psycopg.OperationalError("connection refused")

    with monkeypatch.context() as away:
        away.setattr(writer.Session, "open", nobody_home)
        answer = await send_json(key, {"message": "lost"})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "send again" in answer.json()["error"]["message"]
    assert (await send_json(key, {"message": "after"})).status_code == 200
    assert await sync_to_async(bodies)(environment) == ["before", "after"]
