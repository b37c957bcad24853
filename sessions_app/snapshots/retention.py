"""Retention of snapshots: days of their own, for they are there to outlive their records."""

from datetime import datetime, timedelta
from typing import Final

from diagnostics.core import clock
from diagnostics.models import Environment
from diagnostics.storage.expiring import delete_some
from sessions_app.models import DueSnapshot, LeftOut, Snapshot

BATCH: Final = 200  # documents are long
REMEMBERED: Final = timedelta(days=2)  # what was handed over: as long as the same crash may be told again


def expire_snapshots(environment: Environment, before: datetime) -> bool:
    """Those whose days are over, and what counted them; `before`, the records' own end, says nothing here. Whether there may
    be more."""
    now = clock.now()
    over = now - timedelta(days=environment.snapshot_retention_days)
    rows = Snapshot.objects.filter(environment=environment, taken_at__lt=over)
    settled = DueSnapshot.objects.filter(environment=environment, created_at__lt=now - REMEMBERED)
    counted = LeftOut.objects.filter(environment=environment, hour__lt=over)
    more = [delete_some(rows, BATCH), delete_some(settled.exclude(outcome="")), delete_some(counted)]
    return any(more)
