"""The one record that an address points at."""

from django.db.models import QuerySet

from diagnostics.core.reference import read_reference
from diagnostics.models import LogRecord


def record_at(rows: "QuerySet[LogRecord]", reference: str) -> LogRecord | None:
    """The record with this reference, where it is one of `rows`; those are of one environment."""
    place = read_reference(reference)
    return rows.filter(timestamp=place.timestamp, pk=place.id).first() if place else None
