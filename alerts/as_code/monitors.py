"""Monitors of a document. How they stand, and whether they are paused, is no part of it."""

from collections.abc import Collection

from alerts.as_code.export import MONITOR_FIELDS
from alerts.as_code.fields import all_values_of, check_row, set_values
from alerts.as_code.steps import Step, Values, step_of
from alerts.changes import Actor
from alerts.models import Monitor
from alerts.monitors.changes import delete_monitor, save_monitor
from diagnostics.models import Environment


def apply_monitors(actor: Actor, environment: Environment, wanted: dict[str, Values] | None) -> list[Step]:
    """Monitors by their slug."""
    if not wanted:
        return []
    known = {monitor.slug: monitor for monitor in Monitor.objects.filter(environment=environment)}
    steps: list[Step] = []
    for slug, values in wanted.items():
        steps += apply_monitor(actor, environment, known.get(slug), slug, values)
    return steps


def apply_monitor(actor: Actor, environment: Environment, row: Monitor | None, slug: str, values: Values) -> list[Step]:
    """One monitor, saved if anything differs."""
    place = f"monitors, {slug[:60]}"
    before = all_values_of(row, MONITOR_FIELDS) if row else None
    monitor = row or Monitor(environment=environment, slug=slug)
    set_values(monitor, MONITOR_FIELDS, {"name": slug, **values}, place)
    check_row(monitor, place)
    found = step_of("monitor", slug, before, all_values_of(monitor, MONITOR_FIELDS))
    if found:
        save_monitor(actor, monitor)
    return found


def prune_monitors(actor: Actor, environment: Environment, wanted: Collection[str] | None) -> list[Step]:
    """Monitors that the document does not name go."""
    if wanted is None:
        return []
    gone = list(Monitor.objects.filter(environment=environment).exclude(slug__in=list(wanted)))
    for monitor in gone:
        delete_monitor(actor, monitor)
    return [Step("monitor", monitor.slug, "delete") for monitor in gone]
