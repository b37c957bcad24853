"""Daily partitions: made ahead of time; `diagnostics.storage.retention` drops them."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db import connection, transaction

from diagnostics.core import clock
from diagnostics.core.options import option

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
