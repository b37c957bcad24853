"""Time to alert: from the taking in of the record that decided to the hand-over to the receiver."""

from datetime import datetime

from alerts.models import IncidentEvent, Notification


def told_after_ms(row: Notification, now: datetime) -> int:
    """Of a beginning since its record came in; of what came later since it was planned, or since it was due."""
    is_first = row.event is not None and row.event.kind == IncidentEvent.Kind.TRIGGERED and row.not_before is None
    began = row.incident.seen_at if is_first and row.incident.seen_at else row.not_before or row.created_at
    return max(0, int((now - began).total_seconds() * 1000))
