"""Finding traces: those of which one span fits everything that is asked for, the newest or the slowest first.

Traces have no rows of their own. A page walks the spans that fit, in order and a batch at a time, and takes one of each
trace: the first that began, or the longest. So a trace is listed once, over all pages, and one whose root never came is
listed like any other. What is shown of a trace is read by its id afterwards.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet

from diagnostics.core.cursor import REFUSED, read_cursor, write_cursor
from diagnostics.models import Environment, Span
from diagnostics.search.trace_filters import TraceFilters, filter_spans

PAGE_SIZE: Final = 50
BATCH: Final = 500  # spans walked at a time; a trace has some ten
MOST_WALKED: Final = 20_000  # for one page; traces of thousands of spans make it shorter than others
# (order, what of a trace's spans comes first) by name.
ORDERS: Final = {
    "newest": (("-timestamp", "-id"), ("timestamp", "id")),
    "slowest": (("-duration_ns", "-id"), ("-duration_ns", "-id")),
}
Place = tuple[datetime | int, int]
MOST_SPANS: Final = 2000  # of one trace, read to sum it up
AROUND: Final = timedelta(days=1)  # a trace's spans lie within this of the one that was found
SUMS: Final = """
SELECT wanted.trace_id, min(span."timestamp"), max(span."timestamp" + span.duration_ns / 1000.0 * interval '1 microsecond'),
    max(span.duration_ns), count(*), count(*) FILTER (WHERE span.status_code = 2 OR span.http_status >= 500),
    array_agg(DISTINCT span.service_name), bool_or(span.parent_span_id = ''),
    (array_agg(span.name ORDER BY span.parent_span_id <> '', span."timestamp", span.id))[1],
    (array_agg(span.service_name ORDER BY span.parent_span_id <> '', span."timestamp", span.id))[1],
    max(span.session_id), max(span.user_key)
FROM unnest(%s::uuid[]) AS wanted (trace_id) CROSS JOIN LATERAL (
    SELECT * FROM diagnostics_span
    WHERE environment_id = %s AND trace_id = wanted.trace_id AND "timestamp" >= %s AND "timestamp" < %s LIMIT %s
) AS span GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Found:
    """The span of a trace that it was found by."""

    trace_id: uuid.UUID
    timestamp: datetime
    duration_ns: int
    id: int
    service_name: str
    name: str

    @property
    def duration_ms(self) -> float:
        """Milliseconds from start to end."""
        return self.duration_ns / 1_000_000


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace as a list shows it."""

    trace_id: uuid.UUID
    found: Found
    began: datetime
    duration_ms: float
    spans: int
    errors: int
    services: list[str]
    has_root: bool
    name: str
    service_name: str
    session_id: str
    user_key: str

    @property
    def is_cut(self) -> bool:
        """Whether there are more spans than were counted."""
        return self.spans >= MOST_SPANS


@dataclass(frozen=True, slots=True)
class TracePage:
    """One page, and the cursor of the next."""

    traces: list[Trace]
    next_cursor: str = ""


def read_traces(environment: Environment, filters: TraceFilters, cursor: str = "", size: int = PAGE_SIZE) -> TracePage:
    """The page after `cursor`, by the filters' order; ValueError for a cursor that was not given out."""
    rows = filter_spans(Span.objects.filter(environment_id=environment.pk), filters)
    found, following = walk(rows, filters.sort, read_place(cursor, filters.sort) if cursor else None, size)
    return TracePage(sum_up(environment, found), following)


def walk(rows: "QuerySet[Span]", sort: str, after: Place | None, size: int) -> tuple[list[Found], str]:
    """One span of each of the next traces, and the cursor behind the last."""
    found: list[Found] = []
    firsts: dict[uuid.UUID, int] = {}
    walked, batch = 0, BATCH
    while walked < MOST_WALKED:
        spans = read_batch(rows, sort, after, batch)
        firsts |= read_firsts(rows, sort, {span.trace_id for span in spans} - firsts.keys())
        for span in (span for span in spans if firsts.get(span.trace_id) == span.id):
            if len(found) == size:
                return found, write_cursor(sort, *place_of(found[-1], sort))
            found.append(span)
        if len(spans) < batch:
            return found, ""
        after, walked, batch = place_of(spans[-1], sort), walked + batch, batch * 2
    return found, write_cursor(sort, *place_of(spans[-1], sort))


def read_batch(rows: "QuerySet[Span]", sort: str, after: Place | None, batch: int) -> list[Found]:
    """The next spans that fit."""
    if after is not None:
        rows = rows.filter(beyond(sort, after))
    values = rows.order_by(*ORDERS[sort][0]).values_list(
        "trace_id", "timestamp", "duration_ns", "id", "service_name", "name"
    )
    return [Found(*row) for row in values[:batch]]


def read_firsts(rows: "QuerySet[Span]", sort: str, traces: set[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The span that stands for each trace: no other that fits comes before it there. Traces of thousands of spans come in
    many batches and are read for this once."""
    if not traces:
        return {}
    firsts = rows.filter(trace_id__in=traces).order_by("trace_id", *ORDERS[sort][1]).distinct("trace_id")
    return dict(firsts.values_list("trace_id", "id"))


def place_of(span: Found, sort: str) -> Place:
    """A span's place in the order."""
    return span.timestamp if sort == "newest" else span.duration_ns, span.id


def beyond(sort: str, place: Place) -> Q:
    """Everything after a place. The first condition alone lets the index do most of the work."""
    name, (value, pk) = "timestamp" if sort == "newest" else "duration_ns", place
    return Q(**{f"{name}__lte": value}) & (Q(**{f"{name}__lt": value}) | Q(**{name: value}, id__lt=pk))


def read_place(cursor: str, sort: str) -> Place:
    """The place that a cursor names; it belongs to one order."""
    order, value, pk = read_cursor(cursor, str, datetime if sort == "newest" else int, int)
    if order != sort:
        raise ValueError(REFUSED)
    return value, pk


def sum_up(environment: Environment, found: Sequence[Found]) -> list[Trace]:
    """What is shown of each: one statement for all of them."""
    if not found:
        return []
    times = [span.timestamp for span in found]
    wanted: list[Any] = [
        [span.trace_id for span in found], environment.pk, min(times) - AROUND, max(times) + AROUND, MOST_SPANS,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(SUMS, wanted)
        sums = {row[0]: row[1:] for row in cursor.fetchall()}
    return [trace_of(span, sums[span.trace_id]) for span in found if span.trace_id in sums]


def trace_of(span: Found, sums: Sequence[Any]) -> Trace:
    """From the span that it was found by and its sums."""
    began, ended, longest_ns, spans, errors, services, has_root, name, service, session_id, user_key = sums
    milliseconds = max((ended - began) / timedelta(milliseconds=1), longest_ns / 1_000_000)
    services = [service, *sorted(other for other in services if other != service)]
    return Trace(
        span.trace_id, span, began, milliseconds, spans, errors, services, has_root, name, service, session_id, user_key
    )
