"""What was slow in a window: the records and the trace behind an alert about response times."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from alerts.incidents.scope import Scope, within
from diagnostics.models import LogRecord, Span

LOOKED_AT: Final = 5_000  # the newest of a window, among which the slowest are looked for
SLOWEST: Final = 20
SERVER: Final = 2


def slowest_records(scope: Scope, traces: Sequence[UUID]) -> list[LogRecord]:
    """Records of requests that tell how long they took, the slowest first; where none does, one of each of these traces,
    its worst."""
    rows = within(scope, LogRecord.objects.all())
    newest = rows.order_by(*LogRecord.NEWEST_FIRST).values_list("duration_ms", "http_status", "timestamp", "pk")
    timed = [(took, at, pk) for took, status, at, pk in newest[:LOOKED_AT] if took is not None and status is not None]
    if timed:
        ranked = sorted(timed, reverse=True)[:SLOWEST]
        moments, keys = {at for _, at, _ in ranked}, {pk for _, _, pk in ranked}
        found = {record.pk: record for record in rows.filter(timestamp__in=moments, pk__in=keys)}
        return [found[pk] for _, _, pk in ranked if pk in found]
    told = rows.filter(trace_id__in=traces).order_by("trace_id", "-severity_number", "-timestamp").distinct("trace_id")
    of_trace = {record.trace_id: record for record in told}
    return [of_trace[trace_id] for trace_id in traces if trace_id in of_trace]


def slowest_traces(scope: Scope) -> list[UUID]:
    """Those of the slowest of the window's newest requests, slowest first, each once."""
    newest = within(scope, Span.objects.filter(kind=SERVER)).order_by("-timestamp")
    ranked = sorted(newest.values_list("duration_ns", "trace_id")[:LOOKED_AT], reverse=True)[:SLOWEST]
    return list(dict.fromkeys(trace_id for _, trace_id in ranked))
