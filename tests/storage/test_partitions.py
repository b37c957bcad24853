"""Partitions: made ahead, made late around rows that are there, dropped when over; a lock held by others is waited out."""

from datetime import timedelta

import pytest
from django.db import connection

from diagnostics.core import clock
from diagnostics.core.options import option
from diagnostics.models import LogRecord, MinuteRollup
from diagnostics.storage import partitions, retention, writer
from sessions_app.models import LogSession
from tests.factories import make_batch, make_environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("partitions")]
LOG = "diagnostics_log"


@pytest.fixture(autouse=True)
def drop_what_was_made():
    """DDL outlives the emptying of tables between tests."""
    before = partitions.existing_partitions()
    yield
    with connection.cursor() as cursor:
        for name in partitions.existing_partitions() - before:
            cursor.execute(f"DROP TABLE {name}")


def day_away(days):
    return clock.now().date() + timedelta(days=days)


def batch_of_day(environment, days, *bodies):
    batch = make_batch(environment, *bodies)
    for record in batch.parsed.records:
        record.timestamp_ns = clock.to_ns(clock.now() + timedelta(days=days))
    return batch


def store(*batches):
    one = writer.Writer()
    try:
        for batch in batches:
            one.submit(batch).result(20)
    finally:
        one.close()


def where(environment):
    """body -> the partition that holds it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT body, tableoid::regclass::text FROM diagnostics_log WHERE environment_id = %s", [environment.pk]
        )
        return dict(cursor.fetchall())


def test_the_days_around_today_are_made_once():
    partitions.ensure_partitions()
    assert partitions.ensure_partitions() == 0
    existing = partitions.existing_partitions()
    for table in partitions.TABLES:
        for days in range(-partitions.DAYS_BACK, option("PARTITIONS_AHEAD") + 1):
            assert partitions.partition_name(table, day_away(days)) in existing


def test_a_new_partition_has_the_key_and_the_indexes_of_its_table():
    partitions.make_partition(LOG, day_away(50))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_index WHERE indrelid = %s::regclass", [LOG])
        of_table = cursor.fetchone()
        name = partitions.partition_name(LOG, day_away(50))
        cursor.execute("SELECT count(*) FROM pg_index WHERE indrelid = %s::regclass", [name])
        assert cursor.fetchone() == of_table


def test_rows_that_came_before_their_partition_move_into_it():
    environment = make_environment()
    store(batch_of_day(environment, 50, "early"), batch_of_day(environment, 51, "next day"))
    assert set(where(environment).values()) == {"diagnostics_log_default"}
    partitions.make_partition(LOG, day_away(50))
    assert where(environment) == {
        "early": partitions.partition_name(LOG, day_away(50)),
        "next day": "diagnostics_log_default",
    }


def test_days_beyond_every_retention_are_dropped_and_others_kept():
    make_environment(retention_days=5)
    make_environment(retention_days=10)
    for days in (-12, -8):
        partitions.make_partition(LOG, day_away(days))
    assert retention.drop_days(clock.now().date()) == 1
    existing = partitions.existing_partitions()
    assert partitions.partition_name(LOG, day_away(-12)) not in existing
    assert partitions.partition_name(LOG, day_away(-8)) in existing


def test_an_environment_with_a_shorter_retention_loses_its_rows_only():
    short, long = make_environment(retention_days=3), make_environment(retention_days=10)
    for environment in (short, long):
        store(batch_of_day(environment, -5, "old"), batch_of_day(environment, -1, "new"))
    assert retention.expire()
    assert set(where(short)) == {"new"}
    assert set(where(long)) == {"old", "new"}


def test_ids_are_unique_over_partitions_and_writers():
    environment = make_environment()
    store(*(batch_of_day(environment, days, "a", "b") for days in (-1, 0, 50)))
    store(batch_of_day(environment, 0, "c"))
    ids = list(LogRecord.objects.filter(environment_id=environment.pk).values_list("id", flat=True))
    assert len(ids) == len(set(ids)) == 7


@pytest.mark.django_db
def test_sums_are_forgotten_with_the_records():
    environment = make_environment(retention_days=3)
    now = clock.now()
    for days in (1, 10):
        moment = now - timedelta(days=days)
        MinuteRollup.objects.create(environment=environment, minute=moment, source="log", updated_at=now)
        LogSession.objects.create(
            environment=environment, session_id=f"{days} days", started_at=moment, last_seen_at=moment
        )
    assert retention.expire()
    assert MinuteRollup.objects.filter(environment=environment).count() == 1
    assert [session.session_id for session in LogSession.objects.filter(environment=environment)] == ["1 days"]
