"""A trace: its spans on one clock, its records between them."""

import uuid
from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from diagnostics.core.permissions import Perm
from diagnostics.models import LogRecord, Span
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.held import held_here
from diagnostics.views.waterfall import clock_of, lay_out, ticks_of

MOST_SPANS: Final = 500
MOST_RECORDS: Final = 200


@environment_page(Perm.VIEW_TRACES)
def trace(request: PageRequest, trace_id: str) -> HttpResponse:
    """The waterfall; records stand in it for who may see logs. Where traces are switched off, the list says so."""
    if not request.environment.tracing_enabled:
        return redirect("traces", request.environment.slug)
    try:
        key = uuid.UUID(hex=trace_id)
    except ValueError:
        raise Http404("This is no trace id.") from None
    found = list(Span.objects.filter(environment_id=request.environment.pk, trace_id=key)[: MOST_SPANS + 1])
    spans, records = found[:MOST_SPANS], read_records(request, key)
    parts: list[Span | LogRecord] = [*spans, *records]
    if not parts:
        raise Http404("There is no such trace, or its retention is over.")
    drawn, rows = clock_of(spans, records), lay_out(spans, records)
    context = {
        "page": "traces",
        "trace_id": key.hex,
        "rows": rows,
        "axis": drawn.ticks,
        "ticks": ticks_of(records, drawn),
        "records": records,
        "records_cut": len(records) == MOST_RECORDS,
        "is_cut": len(found) > MOST_SPANS,
        "total_ms": (drawn.last - drawn.first) / 1e6,
        "failed": sum(row.is_failed for row in rows),
        "services": sorted({span.service_name for span in spans}),
        "root": next((row.span for row in rows), None),
        "began": min(item.timestamp for item in parts),
        "session_id": next((item.session_id for item in parts if item.session_id), ""),
    }
    return render(request, "diagnostics/trace.html", context)


def read_records(request: PageRequest, key: uuid.UUID) -> list[LogRecord]:
    """Those of the trace, oldest first; none for who may not see logs."""
    if Perm.VIEW_LOGS not in held_here(request, request.environment):
        return []
    rows = LogRecord.objects.filter(environment_id=request.environment.pk, trace_id=key)
    return list(rows.order_by(*LogRecord.ORDER)[:MOST_RECORDS])
