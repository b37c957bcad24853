"""Daily partitions: made ahead of time, dropped when their retention is over."""

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils.module_loading import import_string

from diagnostics.core import clock
from diagnostics.core.options import option
from diagnostics.models import Environment, IngestBatch

logger = logging.getLogger(__name__)

TABLES: Final = ("diagnostics_log", "diagnostics_restricted", "diagnostics_span")
DAYS_BACK: Final = 2  # senders that were cut off for a while deliver late
LOCK_TIMEOUT: Final = "2s"  # never make ingest wait longer for a partition's sake; the next sweep tries again


def partition_name(table: str, day: date) -> str:
    """diagnostics_log_p20300131."""
    return f"{table}_p{day:%Y%m%d}"


def existing_partitions() -> set[str]:
    """Names of all partitions of our tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid "
            "JOIN pg_class parent ON parent.oid = inhparent WHERE parent.relname = ANY(%s)",
            [list(TABLES)],
        )
        return {row[0] for row in cursor.fetchall()}


def ensure_partitions(today: date | None = None) -> int:
    """Make the partitions of the days around today that are missing; returns how many were made."""
    first = (today or clock.now().date()) - timedelta(days=DAYS_BACK)
    days = [first + timedelta(days=number) for number in range(DAYS_BACK + option("PARTITIONS_AHEAD") + 1)]
    existing = existing_partitions()
    missing = [(table, day) for table in TABLES for day in days if partition_name(table, day) not in existing]
    for table, day in missing:
        make_partition(table, day)
    return len(missing)


def make_partition(table: str, day: date) -> None:
    """One day of one table; rows of that day that the default partition took meanwhile move over."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    name, end = partition_name(table, day), start + timedelta(days=1)
    bounds = f"FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
    inside = f"\"timestamp\" >= '{start.isoformat()}' AND \"timestamp\" < '{end.isoformat()}'"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        cursor.execute(f"LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE")
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is not None:
            return
        cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS)")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {table}_default WHERE {inside} RETURNING *) "  # noqa: S608  names and dates of ours
            f"INSERT INTO {name} SELECT * FROM moved"
        )
        cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} {bounds}")


def drop_expired() -> int:
    """Drop the days that no environment keeps any longer, then delete what single environments keep for less."""
    longest = max(Environment.objects.values_list("retention_days", flat=True), default=30)
    restricted = max(Environment.objects.values_list("restricted_retention_days", flat=True), default=14)
    today = clock.now().date()
    dropped = 0
    for name in sorted(existing_partitions()):
        table, _, day = name.rpartition("_p")
        if table not in TABLES or not day.isdecimal():
            continue
        kept = min(restricted, longest) if table == "diagnostics_restricted" else longest
        if datetime.strptime(day, "%Y%m%d").date() < today - timedelta(days=kept):
            drop_partition(name)
            dropped += 1
    delete_shorter(today)
    return dropped


def drop_partition(name: str) -> None:
    """At once; gives up quickly where a long reader holds it: the next sweep tries again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
    logger.info("dropped %s: its retention is over", name)


def delete_shorter(today: date) -> None:
    """Rows of environments whose retention is shorter than the longest; batches are kept as long as records."""
    for environment in Environment.objects.all():
        for table in TABLES:
            kept = environment.restricted_retention_days if table == "diagnostics_restricted" else None
            limit = today - timedelta(days=min(kept or environment.retention_days, environment.retention_days))
            with connection.cursor() as cursor:
                cursor.execute(
                    f'DELETE FROM {table} WHERE environment_id = %s AND "timestamp" < %s',  # noqa: S608
                    [environment.pk, limit],
                )
        first = today - timedelta(days=environment.retention_days)
        for path in option("EXPIRERS"):
            import_string(path)(environment, datetime(first.year, first.month, first.day, tzinfo=UTC))
        IngestBatch.objects.filter(
            environment=environment,
            digested_at__isnull=False,
            received_at__date__lt=today - timedelta(days=environment.retention_days),
        ).delete()
