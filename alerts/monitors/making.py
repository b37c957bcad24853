"""A monitor that a job brings with its first check-in. What it is from then on, people decide: no later check-in changes
its settings."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from alerts.models import Monitor
from alerts.monitors.changes import save_monitor
from alerts.monitors.telling import TooOftenError
from diagnostics.core import clock

WISHES: Final = ("schedule", "zone", "name", "grace_minutes", "longest_minutes", "opens_after")
MOST_A_MINUTE: Final = 60  # made by check-ins in an environment: a loop gone wrong must not take every place there is


def find_monitor(environment_id: int, slug: str) -> Monitor | None:
    """The one that is there."""
    return Monitor.objects.filter(environment_id=environment_id, slug=slug).first()


def find_or_make(environment_id: int, slug: str, said: Mapping[str, Any]) -> Monitor | None:
    """It, a new one where what is `said` has a schedule, or None. What is left out is as for a monitor made by hand.
    ValidationError where it makes no sense, TooOftenError where too many are new."""
    found = find_monitor(environment_id, slug)
    if found is not None or not said.get("schedule"):
        return found
    given = {name: said[name] for name in WISHES if said.get(name) not in (None, "")}
    monitor = Monitor(environment_id=environment_id, slug=slug, **{"name": slug, **given})
    try:
        monitor.full_clean()
        refuse_flood(environment_id)
        with transaction.atomic():
            save_monitor(None, monitor)
    except (ValidationError, IntegrityError):
        twin = find_monitor(environment_id, slug)  # the same job, at the same moment
        if twin is None:
            raise
        return twin
    return monitor


def refuse_flood(environment_id: int) -> None:
    """TooOftenError beyond so many new ones in a minute."""
    new = Monitor.objects.filter(environment_id=environment_id, created_at__gt=clock.now() - timedelta(minutes=1))
    if new.count() >= MOST_A_MINUTE:
        raise TooOftenError(f"At most {MOST_A_MINUTE} monitors a minute are made by check-ins; try again in a minute.")
