"""What was slow in a window: the records and the trace behind an alert about response times."""

from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from alerts.incidents.scope import Scope, records_of
from diagnostics.models import LogRecord, Span

LOOKED_AT: Final = 5_000  # the newest of a window, among which the slowest are looked for
SLOWEST: Final = 20
SERVER: Final = 2


def slowest_records(scope: Scope) -> list[LogRecord]:
    """Records that tell how long they took, the slowest first; where none does, those of the slowest requests' traces."""
    rows = records_of(scope)
    timed = rows.exclude(duration_ms=None).order_by(*LogRecord.NEWEST_FIRST)
    ranked = sorted(timed.values_list("duration_ms", "pk")[:LOOKED_AT], reverse=True)[:SLOWEST]
    if ranked:
        found = {record.pk: record for record in rows.filter(pk__in=[pk for _, pk in ranked])}
        return [found[pk] for _, pk in ranked if pk in found]
    traces = [trace_id for _, trace_id in slowest_spans(scope)]
    told = {
        record.trace_id: record for record in rows.filter(trace_id__in=traces).order_by("severity_number", "timestamp")
    }
    return [told[trace_id] for trace_id in dict.fromkeys(traces) if trace_id in told]


def slowest_trace(scope: Scope) -> str:
    """The trace of the slowest request."""
    return next((trace_id.hex for _, trace_id in slowest_spans(scope)), "")


def slowest_spans(scope: Scope) -> list[tuple[int, UUID]]:
    """(nanoseconds, trace) of the slowest of the window's newest requests, slowest first."""
    return sorted(requests_of(scope).values_list("duration_ns", "trace_id")[:LOOKED_AT], reverse=True)[:SLOWEST]


def requests_of(scope: Scope) -> QuerySet[Span]:
    """Requests that were answered in the window, newest first."""
    rows = Span.objects.filter(
        environment_id=scope.rule.environment_id, timestamp__gte=scope.since, timestamp__lte=scope.last, kind=SERVER
    )
    if scope.service_name:
        rows = rows.filter(service_name=scope.service_name)
    if scope.http_route:
        rows = rows.filter(http_route=scope.http_route)
    return rows.order_by("-timestamp")
