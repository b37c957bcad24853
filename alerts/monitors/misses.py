"""Finding what did not come: monitors whose deadline is over, a few columns of few rows, never records."""

from datetime import datetime

from alerts.models import CheckIn, Monitor
from alerts.monitors import steps
from alerts.monitors.keeping import keep

DOUBTFUL = "The product was down around then, and may not have heard it."


def notice_misses(environment_id: int, now: datetime, resumed: datetime | None) -> int:
    """Write down each that is over; how many. `resumed`: when the product was last back after it had been down. One that
    a check-in holds at this moment has just come, and is left alone."""
    over = Monitor.objects.filter(environment_id=environment_id, paused=False, deadline_at__lte=now)
    found = list(over.select_for_update(skip_locked=True).order_by("pk"))
    for monitor in found:
        doubtful = is_doubtful(monitor, resumed)
        outcome, at = steps.miss(monitor, now, is_doubtful=doubtful)
        keep(monitor, CheckIn(at=at, outcome=outcome, message=DOUBTFUL if doubtful else ""))
        monitor.save()
    return len(found)


def is_doubtful(monitor: Monitor, resumed: datetime | None) -> bool:
    """Whether it may have reported while the product was down: it was due before that was over. (Had its deadline been
    over before that began, it would have been found then.)"""
    if resumed is None or monitor.is_down:
        return False
    since = monitor.due_at if monitor.started_at is None or monitor.has_overrun else monitor.started_at
    return since is not None and since <= resumed
