"""Taking a check-in: one short transaction, in which the monitor is locked; evaluation is woken where it decides something.

Told twice (a client that got no answer tries again), it counts once.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django_q.tasks import async_task

from alerts.models import CheckIn, Monitor, Outcome
from alerts.monitors import steps
from alerts.monitors.keeping import keep
from diagnostics.core import clock
from diagnostics.core.errors import DiagnosticsError

logger = logging.getLogger(__name__)

AGAIN: Final = timedelta(seconds=10)  # the same within this is the same
EACH_MINUTE: Final = 30  # check-ins of one monitor that are taken
MOST_DURATION_MS: Final = 366 * 86_400_000


class TooOftenError(DiagnosticsError):
    """A loop gone wrong."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a job says. `message` is clean already; `run` is the sender's own name of the run, where it gives one."""

    outcome: Outcome
    exit_code: int | None = None
    message: str = ""
    duration_ms: int | None = None
    run: str = ""


def take_check_in(monitor_id: int, report: Report, now: datetime | None = None) -> Monitor:
    """The monitor after it. Monitor.DoesNotExist, or TooOftenError."""
    moment = now or clock.now()
    with transaction.atomic():
        monitor = Monitor.objects.select_for_update(of=("self",)).select_related("environment").get(pk=monitor_id)
        if is_again(monitor, report, moment):
            return monitor
        pace(monitor, moment)
        was_in_trouble = is_in_trouble(monitor)
        note(monitor, report, moment)
        monitor.save()
        if was_in_trouble or is_in_trouble(monitor):
            wake_after_commit(monitor.environment_id)
    return monitor


def is_again(monitor: Monitor, report: Report, now: datetime) -> bool:
    """Whether it was told already: the same, or a start after its end (two digests at once may turn them round)."""
    if monitor.checked_at is None:
        return False
    if report.outcome == Outcome.STARTED and now < monitor.checked_at:
        return True
    if monitor.last_outcome != report.outcome or monitor.last_run != report.run:
        return False
    return bool(report.run) or now - monitor.checked_at < AGAIN


def pace(monitor: Monitor, now: datetime) -> None:
    """Count it; too many of one minute are refused."""
    minute = clock.floor_minute(now)
    if monitor.paced_from != minute:
        monitor.paced_from, monitor.paced = minute, 0
    if monitor.paced >= EACH_MINUTE:
        raise TooOftenError(f"More than {EACH_MINUTE} check-ins of this monitor came within a minute.")
    monitor.paced += 1


def note(monitor: Monitor, report: Report, now: datetime) -> None:
    """What it makes of the monitor, and its row."""
    took: timedelta | None = None
    if report.duration_ms is not None:
        took = timedelta(milliseconds=min(max(report.duration_ms, 0), MOST_DURATION_MS))
    if not monitor.paused:
        took = advance(monitor, report, took, now)
    monitor.checked_at, monitor.last_outcome, monitor.last_run = now, report.outcome, report.run[:64]
    duration = None if took is None else int(took / timedelta(milliseconds=1))
    if report.outcome != Outcome.STARTED:
        monitor.last_duration_ms = duration
    keep(monitor, CheckIn(
        at=now, outcome=report.outcome, duration_ms=duration, exit_code=report.exit_code, message=report.message,
    ))  # fmt: skip


def advance(monitor: Monitor, report: Report, took: timedelta | None, now: datetime) -> timedelta | None:
    """Step the monitor; how long the run took."""
    if report.outcome == Outcome.STARTED:
        if (lost := steps.start_run(monitor, now)) is not None:
            keep(monitor, CheckIn(at=now, outcome=lost))
        return took
    measured = steps.end_run(monitor, now)
    took = measured if took is None else took
    if report.outcome == Outcome.OK:
        steps.note_well(monitor)
    else:
        steps.note_trouble(monitor, steps.say_failed(monitor, report.exit_code, took), now)
    return took


def is_in_trouble(monitor: Monitor) -> bool:
    """Whether an incident stands for it, or will."""
    return monitor.is_down or monitor.is_doubtful


def wake_after_commit(environment_id: int) -> None:
    """An evaluation in a worker. Losing it costs at most a minute: the sweep comes."""

    def wake_evaluation() -> None:
        async_task("alerts.tasks.evaluate_task", environment_id)

    transaction.on_commit(wake_evaluation, robust=True)
