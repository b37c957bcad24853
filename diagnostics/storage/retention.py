"""Retention: days that no environment keeps any longer are dropped as partitions, the rest is deleted in batches.

A run has a time budget; what it does not finish, the next one does. Whole days go: a record is kept for at least as
long as its environment says, and for less than a day more.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db import OperationalError, connection, transaction

from diagnostics.core import clock
from diagnostics.core.options import plugins
from diagnostics.models import Environment, IngestBatch
from diagnostics.storage.partitions import LOCK_TIMEOUT, TABLES, existing_partitions

logger = logging.getLogger(__name__)

RESTRICTED: Final = "diagnostics_restricted"
Expirer = Callable[[Environment, datetime], bool]  # true: there may be more

BATCH: Final = 5_000  # rows of one DELETE: short transactions, so that vacuum and ingest go on beside it
BUDGET_SECONDS: Final = 20.0  # of one run: well under the task queue's time limit
NO_ENVIRONMENT_DAYS: Final = 30  # kept where there is no environment at all


def expire(today: date | None = None, seconds: float = BUDGET_SECONDS) -> bool:
    """Drop and delete what is over; whether everything was done within the budget."""
    day = today or clock.now().date()
    deadline = time.monotonic() + seconds
    drop_days(day)
    return delete_rows(day, deadline)


def kept_days(environment: Environment, table: str) -> int:
    """How long an environment keeps rows of a table; restricted fields never longer than their records."""
    days: int = environment.retention_days
    return min(days, environment.restricted_retention_days) if table == RESTRICTED else days


def drop_days(today: date) -> int:
    """Drop the partitions whose day is over in every environment; returns how many."""
    environments = list(Environment.objects.all())
    longest = {
        table: max((kept_days(item, table) for item in environments), default=NO_ENVIRONMENT_DAYS) for table in TABLES
    }
    dropped = 0
    for name in sorted(existing_partitions()):
        table, _, day = name.rpartition("_p")
        if table not in TABLES or not day.isdecimal():
            continue
        if datetime.strptime(day, "%Y%m%d").date() < today - timedelta(days=longest[table]):
            dropped += drop_partition(name)
    return dropped


def drop_partition(name: str) -> bool:
    """At once; gives up quickly where a long reader holds it: the next run tries again."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
    except OperationalError as error:
        logger.warning("%s cannot be dropped now (%s); the next run tries again", name, type(error).__name__)
        return False
    logger.info("dropped %s: its retention is over", name)
    return True


def delete_rows(today: date, deadline: float) -> bool:
    """Rows of environments whose retention is shorter than the longest, and what is not partitioned."""
    for environment in Environment.objects.all():
        for table in TABLES:
            limit = midnight(today - timedelta(days=kept_days(environment, table)))
            while time.monotonic() < deadline and delete_batch(table, environment.pk, limit) == BATCH:
                pass
        before = midnight(today - timedelta(days=environment.retention_days))
        while time.monotonic() < deadline and delete_receipts(environment, before) == BATCH:
            pass
        for expirer in plugins("EXPIRERS"):
            run_expirer(expirer, environment, before, deadline)
    return time.monotonic() < deadline


def run_expirer(expirer: Expirer, environment: Environment, before: datetime, deadline: float) -> None:
    """Once at least, and again while it says that there is more. One that fails must not keep the others, or other
    environments, from being done."""
    try:
        while expirer(environment, before) and time.monotonic() < deadline:
            pass
    except Exception:
        logger.exception("%s: what is over cannot be deleted by %s", environment.slug, expirer.__qualname__)


def midnight(day: date) -> datetime:
    """Its beginning, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def delete_batch(table: str, environment_id: int, before: datetime) -> int:
    """The oldest rows; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'WITH found AS (SELECT environment_id, "timestamp", id FROM {table} '  # noqa: S608  a table of ours
            'WHERE environment_id = %s AND "timestamp" < %s ORDER BY "timestamp" LIMIT %s) '
            f"DELETE FROM {table} AS old USING found WHERE old.environment_id = found.environment_id "
            'AND old."timestamp" = found."timestamp" AND old.id = found.id',
            [environment_id, before, BATCH],
        )
        return int(cursor.rowcount)


def delete_receipts(environment: Environment, before: datetime) -> int:
    """Receipts of requests are kept as long as their records."""
    rows = IngestBatch.objects.filter(environment=environment, digested_at__isnull=False, received_at__lt=before)
    old = list(rows.order_by("received_at").values_list("pk", flat=True)[:BATCH])
    IngestBatch.objects.filter(pk__in=old).delete()
    return len(old)
