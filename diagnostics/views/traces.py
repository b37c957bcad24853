"""A trace: its spans on one clock, its records between them."""

import uuid
from dataclasses import dataclass
from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.models import LogRecord, Span
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.held import held_here

MOST_SPANS: Final = 500
MOST_RECORDS: Final = 200
ROW: Final = 26  # pixels
NAMES: Final = 320
WIDTH: Final = 1000
MARGIN: Final = 6  # at the right: a record's dot at the very end is drawn whole


@dataclass(frozen=True, slots=True)
class SpanRow:
    """A span as drawn: its row, indent, and place on the clock."""

    span: Span
    y: int
    indent: int
    x: float
    width: float
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A record on the clock."""

    record: LogRecord
    x: float


@environment_page(Perm.VIEW_TRACES)
def trace(request: PageRequest, trace_id: str) -> HttpResponse:
    """The waterfall; records for who sees logs. Where traces are switched off, the list says so."""
    if not request.environment.tracing_enabled:
        return redirect("traces", request.environment.slug)
    try:
        key = uuid.UUID(hex=trace_id)
    except ValueError:
        raise Http404("This is no trace id.") from None
    spans = list(Span.objects.filter(environment_id=request.environment.pk, trace_id=key)[: MOST_SPANS + 1])
    rows_of = LogRecord.objects.filter(environment_id=request.environment.pk, trace_id=key)
    sees_logs = Perm.VIEW_LOGS in held_here(request, request.environment)
    records = list(rows_of.order_by(*LogRecord.ORDER)[:MOST_RECORDS]) if sees_logs else []
    if not spans and not records:
        raise Http404("There is no such trace, or its retention is over.")
    parts: list[Span | LogRecord] = [*spans, *records]
    rows, ticks = lay_out(spans[:MOST_SPANS], records)
    return render(
        request,
        "diagnostics/trace.html",
        {
            "page": "traces",
            "trace_id": key.hex,
            "rows": rows,
            "ticks": ticks,
            "records": records,
            "is_cut": len(spans) > MOST_SPANS,
            "height": ROW * len(rows) + 22,
            "total_ms": total_ms(spans),
            "services": sorted({span.service_name for span in spans}),
            "root": next((row.span for row in rows), None),
            "began": min(item.timestamp for item in parts),
            "session_id": next((item.session_id for item in parts if item.session_id), ""),
        },
    )


def bounds(spans: list[Span], records: list[LogRecord]) -> tuple[int, int]:
    """First and last nanosecond shown."""
    starts = [start_of(span) for span in spans] or [clock.to_ns(record.timestamp) for record in records]
    ends = [start_of(span) + span.duration_ns for span in spans] or starts
    return min(starts), max(max(ends), min(starts) + 1)


def start_of(span: Span) -> int:
    """Nanoseconds since 1970."""
    return clock.to_ns(span.timestamp) + span.timestamp_ns


def total_ms(spans: list[Span]) -> float:
    """From the first start to the last end."""
    first, last = bounds(spans, []) if spans else (0, 0)
    return (last - first) / 1e6


def lay_out(spans: list[Span], records: list[LogRecord]) -> tuple[list[SpanRow], list[Tick]]:
    """Rows in the order of the tree, children below their parents; ticks of the records."""
    first, last = bounds(spans, records)
    scale = (WIDTH - MARGIN - NAMES) / (last - first)
    known = {span.span_id for span in spans}
    children: dict[str, list[Span]] = {}
    for span in spans:
        children.setdefault(span.parent_span_id if span.parent_span_id in known else "", []).append(span)
    rows: list[SpanRow] = []
    waiting = [(span, 0) for span in reversed(children.get("", []))]
    while waiting:
        span, depth = waiting.pop()
        x = NAMES + (start_of(span) - first) * scale
        label = f"{span.service_name} {span.name}"
        rows.append(
            SpanRow(
                span,
                ROW * len(rows),
                min(depth, 12) * 12,
                round(x, 1),
                round(max(span.duration_ns * scale, 2), 1),
                label,
            )
        )
        waiting.extend((child, depth + 1) for child in reversed(children.get(span.span_id, [])))
    ticks = [Tick(record, round(NAMES + (clock.to_ns(record.timestamp) - first) * scale, 1)) for record in records]
    return rows, [tick for tick in ticks if NAMES <= tick.x <= WIDTH]
