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
    """Records of requests that tell how long they took, the slowest first; where none does, one of each of the slowest
    requests' traces, its worst."""
    rows = records_of(scope)
    newest = rows.order_by(*LogRecord.NEWEST_FIRST).values_list("duration_ms", "http_status", "timestamp", "pk")
    timed = [(took, at, pk) for took, status, at, pk in newest[:LOOKED_AT] if took is not None and status is not None]
    if timed:
        ranked = sorted(timed, reverse=True)[:SLOWEST]
        moments, keys = {at for _, at, _ in ranked}, {pk for _, _, pk in ranked}
        found = {record.pk: record for record in rows.filter(timestamp__in=moments, pk__in=keys)}
        return [found[pk] for _, _, pk in ranked if pk in found]
    traces = [trace_id for _, trace_id in slowest_spans(scope)]
    told = rows.filter(trace_id__in=traces).order_by("trace_id", "-severity_number", "-timestamp").distinct("trace_id")
    of_trace = {record.trace_id: record for record in told}
    return [of_trace[trace_id] for trace_id in dict.fromkeys(traces) if trace_id in of_trace]


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
