"""What a check-in, or the want of one, makes of a monitor. Nothing is stored here; the clock is an argument.

A job is due again counted from the beginning of its run, where it told of that. A run that does not end is found by its
longest time, by the next start, or when the job is due again.
"""

from datetime import datetime, timedelta
from typing import Final

from alerts.models import Monitor, Outcome
from alerts.monitors.spans import say_span

EARLY: Final = timedelta(seconds=30)  # clocks differ: a check-in so shortly before its time is that time's


def start_run(monitor: Monitor, now: datetime) -> Outcome | None:
    """It began. What the run before it has become, if that never ended and may not go on any more."""
    if monitor.started_at is not None and monitor.longest is not None and now < monitor.started_at + monitor.longest:
        monitor.started_at = (
            now  # begun anew: the time of the first run goes on, or a job that dies again and again is never missed
        )
        return None
    never_ended = monitor.started_at is not None and not monitor.has_overrun
    if never_ended:
        note_trouble(monitor, f"{monitor.name} started again, and its run before has never ended.", now)
    monitor.started_at, monitor.has_overrun = now, False
    expect_after(monitor, now)
    return Outcome.OVERRAN if never_ended else None


def end_run(monitor: Monitor, now: datetime) -> timedelta | None:
    """It ended, well or not; how long it took, where it told of its start."""
    began = monitor.started_at
    monitor.started_at, monitor.has_overrun = None, False
    if began is None or monitor.due_at is None or monitor.due_at <= now:
        expect_after(monitor, now)
    else:
        monitor.deadline_at = monitor.due_at + monitor.grace
    return None if began is None else now - began


def note_well(monitor: Monitor) -> None:
    """All is well."""
    monitor.failures, monitor.down_since, monitor.is_doubtful = 0, None, False
    monitor.trouble, monitor.trouble_at = "", None


def note_trouble(monitor: Monitor, words: str, now: datetime, began: datetime | None = None) -> None:
    """One more in a row; enough of them, and it is down."""
    monitor.failures += 1
    monitor.trouble, monitor.trouble_at, monitor.is_doubtful = words[:400], now, False
    if monitor.failures >= monitor.opens_after and monitor.down_since is None:
        monitor.down_since = began or now


def miss(monitor: Monitor, now: datetime, *, is_doubtful: bool) -> tuple[Outcome, datetime]:
    """The deadline is over: what is to be written down, and of when. Doubtful: it may have reported while nobody was there
    to hear it."""
    if monitor.started_at is not None and not monitor.has_overrun:
        outcome, began, words = Outcome.OVERRAN, monitor.started_at, say_overrun(monitor, now)
        monitor.has_overrun = True
    else:
        outcome, began, words = Outcome.MISSED, monitor.due_at or now, say_missed(monitor, now)
        monitor.started_at, monitor.has_overrun = None, False
    if is_doubtful:
        monitor.is_doubtful, monitor.trouble, monitor.trouble_at = True, words[:400], now
    else:
        note_trouble(monitor, words, now, began)
    go_on(monitor, now)
    return outcome, began


def go_on(monitor: Monitor, now: datetime) -> None:
    """When it is due after a time that was missed; times that are over with it are not missed one by one."""
    due = monitor.due_at or now
    if due <= now:
        due = next_due(monitor, due, now)
    monitor.due_at, monitor.deadline_at = due, due + monitor.grace


def next_due(monitor: Monitor, due: datetime, now: datetime) -> datetime:
    """The first time after now, in step with the time that was missed."""
    step = monitor.timing.next_after(due)
    if step > now:
        return step
    minutes = getattr(monitor.timing, "minutes", None)
    if minutes is None:
        return monitor.timing.next_after(now)
    every = timedelta(minutes=minutes)
    return due + ((now - due) // every + 1) * every


def expect_after(monitor: Monitor, now: datetime) -> None:
    """When it is due next, after it reported now."""
    due = monitor.due_at
    reference = due if due is not None and now < due <= now + EARLY else now
    monitor.due_at = monitor.timing.next_after(reference)
    set_deadline(monitor)


def set_deadline(monitor: Monitor) -> None:
    """A run that goes on may take as long as is said, even when it is due again before; else the grace counts."""
    if monitor.started_at is not None and not monitor.has_overrun and monitor.longest is not None:
        monitor.deadline_at = monitor.started_at + monitor.longest
    elif monitor.due_at is not None:
        monitor.deadline_at = monitor.due_at + monitor.grace


def expect_nothing(monitor: Monitor) -> None:
    """Paused: it is not down and not due."""
    note_well(monitor)
    monitor.due_at, monitor.deadline_at, monitor.started_at, monitor.has_overrun = None, None, None, False


def say_missed(monitor: Monitor, now: datetime) -> str:
    """'nightly-backup did not report: due 02:00 UTC, 30 min grace.'"""
    due = say_moment(monitor, monitor.due_at or now, now)
    return f"{monitor.name} did not report: due {due}, {monitor.grace_minutes:,} min grace."


def say_overrun(monitor: Monitor, now: datetime) -> str:
    """'nightly-backup started at 02:00 UTC and has not ended: it may run for 60 min.'"""
    began = say_moment(monitor, monitor.started_at or now, now)
    allowed = "it is due again" if monitor.longest is None else f"it may run for {monitor.longest_minutes:,} min"
    return f"{monitor.name} started at {began} and has not ended: {allowed}."


def say_failed(monitor: Monitor, exit_code: int | None, took: timedelta | None) -> str:
    """'nightly-backup failed with exit code 1 after 12 min.'"""
    code = f" with exit code {exit_code}" if exit_code else ""
    length = "" if took is None else f" after {say_span(took)}"
    return f"{monitor.name} failed{code}{length}."


def say_moment(monitor: Monitor, moment: datetime, now: datetime) -> str:
    """On the wall clock of its zone; with the day where that is another one."""
    zone = getattr(monitor.timing, "zone", None)
    local, today = (moment.astimezone(zone), now.astimezone(zone)) if zone else (moment, now)
    day = "" if local.date() == today.date() else f"{local:%Y-%m-%d} "
    return f"{day}{local:%H:%M} {zone.key if zone else 'UTC'}"
