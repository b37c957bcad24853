"""The last check-ins of each monitor: so many, and no longer than the environment's records."""

from datetime import datetime
from typing import Final

from alerts.models import CheckIn, Monitor
from diagnostics.models import Environment
from diagnostics.storage.expiring import delete_some

KEPT: Final = 100


def keep(monitor: Monitor, row: CheckIn) -> None:
    """Store it and forget the one that is too many; the monitor, which is locked, is saved by the caller."""
    monitor.check_ins += 1
    row.monitor, row.number = monitor, monitor.check_ins
    row.save(force_insert=True)
    CheckIn.objects.filter(monitor=monitor, number__lte=monitor.check_ins - KEPT).delete()


def expire_check_ins(environment: Environment, before: datetime) -> bool:
    """Those of before then go, so many at a time; whether there may be more. How the monitor stands is kept."""
    return delete_some(CheckIn.objects.filter(monitor__environment=environment, at__lt=before))
