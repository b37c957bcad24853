"""A monitor that a job brings with its first check-in. What it is from then on, people decide: no later check-in changes
its settings."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError

from alerts.models import Monitor
from alerts.monitors.changes import save_monitor
from alerts.monitors.messages import clean_text
from diagnostics.pipeline.context import EnvironmentContext


@dataclass(frozen=True, slots=True)
class Wish:
    """What a job says of itself; what it leaves out is as for a monitor made by hand."""

    schedule: str = ""
    zone: str = ""
    name: str = ""
    grace_minutes: int | None = None
    longest_minutes: int | None = None
    opens_after: int | None = None


def find_monitor(environment_id: int, slug: str) -> Monitor | None:
    """The one that is there."""
    return Monitor.objects.filter(environment_id=environment_id, slug=slug).first()


def find_or_make(context: EnvironmentContext, slug: str, wish: Wish) -> Monitor | None:
    """It, a new one where a schedule is given, or None. ValidationError where the wish makes no sense."""
    found = find_monitor(context.id, slug)
    if found is not None or not wish.schedule:
        return found
    given: dict[str, Any] = {
        "zone": wish.zone, "grace_minutes": wish.grace_minutes, "longest_minutes": wish.longest_minutes,
        "opens_after": wish.opens_after, "name": clean_text(context, wish.name, slug)[:120],
    }  # fmt: skip
    known = {name: value for name, value in given.items() if value not in (None, "")}
    monitor = Monitor(environment_id=context.id, slug=slug, schedule=wish.schedule, **{"name": slug, **known})
    try:
        monitor.full_clean()
        save_monitor(None, monitor)
    except (ValidationError, IntegrityError):
        twin = find_monitor(context.id, slug)  # the same job, at the same moment
        if twin is None:
            raise
        return twin
    return monitor
