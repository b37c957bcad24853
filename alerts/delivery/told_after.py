"""Time to alert: from the taking in of the record that decided to the hand-over to the receiver."""

from datetime import datetime

from alerts.models import IncidentEvent, Notification


def told_after_ms(row: Notification, now: datetime) -> int:
    """Of a beginning since its record came in; of what came later since it was planned, or since it was due."""
    is_first = row.event is not None and row.event.kind == IncidentEvent.Kind.TRIGGERED and row.not_before is None
    seen_at = row.incident.seen_at if row.incident is not None and is_first else None
    began = seen_at or row.not_before or row.created_at
    return max(0, int((now - began).total_seconds() * 1000))
