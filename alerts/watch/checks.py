"""What may be wrong with the product itself: records that wait, alerts that wait, messages that cannot be made."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from alerts.delivery.claim import count_due
from alerts.models import DeliveryAttempt, Severity
from alerts.watch.finding import Finding
from diagnostics.models import IngestBatch

LATE: Final = timedelta(minutes=2)
LOOKS_BACK: Final = timedelta(minutes=15)


def check_evaluation(now: datetime) -> Finding | None:
    """Records that were taken in and that no rule has seen yet."""
    oldest = IngestBatch.objects.filter(digested_at=None).order_by("id").values_list("received_at", flat=True).first()
    if oldest is None or now - oldest < LATE:
        return None
    summary = f"The oldest records wait for {seconds(now - oldest)} s; rules have not seen them."
    return Finding("evaluation", "Evaluation is late", summary, Severity.CRITICAL)


def check_queue(now: datetime) -> Finding | None:
    """Alerts that nobody claims although they are due."""
    due, oldest = count_due(now - LATE)
    if oldest is None:
        return None
    summary = f"{due:,} alerts are due, the oldest for {seconds(now - oldest)} s."
    return Finding("queue", "Delivery is late", summary, Severity.CRITICAL)


def check_messages(now: datetime) -> Finding | None:
    """Messages that broke on the way out: a template, or an integration."""
    broken = DeliveryAttempt.objects.filter(started_at__gt=now - LOOKS_BACK, error__startswith="internal error")
    kinds = sorted(set(broken.values_list("notification__target__kind", flat=True)))
    if not kinds:
        return None
    summary = f"{broken.count():,} attempts in 15 min could not make their message: {', '.join(kinds)}."
    return Finding("messages", "Messages cannot be made", summary)


def seconds(duration: timedelta) -> str:
    """'1,240'."""
    return f"{int(duration.total_seconds()):,}"


CHECKS: Final[tuple[Callable[[datetime], Finding | None], ...]] = (check_evaluation, check_queue, check_messages)
