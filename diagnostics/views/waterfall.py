"""A trace as a waterfall: its spans in the order of the tree, each with its place on one clock and what is told of it."""

from dataclasses import dataclass, field
from typing import Any, Final

from diagnostics.core import clock, figures
from diagnostics.models import LogRecord, Span

EDGE: Final = 0.6  # percent of the width left free at both ends: a record's dot there is drawn whole
NARROWEST: Final = 0.3  # percent: the shortest span is still seen
DEEPEST: Final = 12  # indents; what is below stands as far right
STEPS: Final = 4  # of the axis
KINDS: Final = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}  # as OpenTelemetry numbers them
FAILED: Final = 2

Interval = tuple[int, int]  # nanoseconds since 1970


@dataclass(frozen=True, slots=True)
class Clock:
    """The time that is drawn, and how far along it a moment is."""

    first: int
    last: int

    def place(self, moment: int) -> float:
        """Percent of the width."""
        return round(EDGE + (moment - self.first) / (self.last - self.first) * (100 - 2 * EDGE), 2)

    def after(self, moment: int) -> str:
        """How long after the beginning: '+0 ms', '+1.5 s'."""
        return figures.offset((moment - self.first) / 1e6)

    @property
    def ticks(self) -> list[tuple[float, str, str]]:
        """(place, words, which end of the words stands there) of the axis."""
        moments = [self.first + (self.last - self.first) * step // STEPS for step in range(STEPS + 1)]
        ends = ["start", *["middle"] * (STEPS - 1), "end"]
        return [
            (self.place(at), figures.milliseconds((at - self.first) / 1e6), end)
            for at, end in zip(moments, ends, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Tick:
    """A record on the clock."""

    record: LogRecord
    x: float


@dataclass(slots=True)
class SpanRow:
    """A span as drawn, and what it tells when it is opened."""

    span: Span
    indent: int
    x: float
    width: float
    after: str
    self_ms: float
    events: list[tuple[str, str, list[tuple[str, Any]]]] = field(default_factory=list)
    records: list[LogRecord] = field(default_factory=list)

    @property
    def is_failed(self) -> bool:
        """Whether it says so, or answered with a failure."""
        return self.span.status_code == FAILED or (self.span.http_status or 0) >= 500

    @property
    def kind(self) -> str:
        """In words."""
        return KINDS.get(self.span.kind, "")

    @property
    def status(self) -> str:
        """In words; empty where it says nothing."""
        return {1: "ok", FAILED: "error"}.get(self.span.status_code, "")


def start_of(span: Span) -> int:
    """Nanoseconds since 1970."""
    return clock.to_ns(span.timestamp) + span.timestamp_ns


def end_of(span: Span) -> int:
    """Likewise."""
    return start_of(span) + span.duration_ns


def clock_of(spans: list[Span], records: list[LogRecord]) -> Clock:
    """From the first start to the last end; of records where there are no spans."""
    starts = [start_of(span) for span in spans] or [clock.to_ns(record.timestamp) for record in records]
    ends = [end_of(span) for span in spans] or starts
    return Clock(min(starts), max(max(ends), min(starts) + 1))


def lay_out(spans: list[Span], records: list[LogRecord]) -> list[SpanRow]:
    """Rows in the order of the tree, children below their parents, each with its records."""
    drawn = clock_of(spans, records)
    children = children_of(spans)
    said = by_span(records)
    rows: list[SpanRow] = []
    waiting = [(span, 0) for span in reversed(children.get("", []))]
    while waiting:
        span, depth = waiting.pop()
        below = children.get(span.span_id, [])
        row = make_row(span, depth, drawn, below)
        row.records = said.pop(span.span_id, [])
        rows.append(row)
        waiting.extend((child, depth + 1) for child in reversed(below))
    return rows


def children_of(spans: list[Span]) -> dict[str, list[Span]]:
    """By the id of the parent; those whose parent is not among them stand at the top."""
    known = {span.span_id for span in spans}
    children: dict[str, list[Span]] = {}
    for span in spans:
        children.setdefault(span.parent_span_id if span.parent_span_id in known else "", []).append(span)
    return children


def by_span(records: list[LogRecord]) -> dict[str, list[LogRecord]]:
    """Records by the span in which they were written."""
    said: dict[str, list[LogRecord]] = {}
    for record in records:
        if record.span_id:
            said.setdefault(record.span_id, []).append(record)
    return said


def make_row(span: Span, depth: int, drawn: Clock, below: list[Span]) -> SpanRow:
    """One of them."""
    start = start_of(span)
    x = drawn.place(start)
    width = max(round(drawn.place(end_of(span)) - x, 2), NARROWEST)
    own = max(span.duration_ns - covered(span, below), 0) / 1e6
    return SpanRow(span, min(depth, DEEPEST), x, width, drawn.after(start), own, events_of(span, drawn))


def covered(span: Span, below: list[Span]) -> int:
    """Nanoseconds of a span in which at least one of its children ran."""
    start, end = start_of(span), end_of(span)
    parts = sorted((max(start_of(child), start), min(end_of(child), end)) for child in below)
    total, reached = 0, start
    for first, last in parts:
        total += max(last - max(first, reached), 0)
        reached = max(reached, last)
    return total


def events_of(span: Span, drawn: Clock) -> list[tuple[str, str, list[tuple[str, Any]]]]:
    """(when, name, attributes) of what happened during it; senders choose all of it."""
    found = []
    for event in span.events if isinstance(span.events, list) else []:
        if isinstance(event, dict):
            at, inner = event.get("time_ns"), event.get("attributes")
            when = drawn.after(at) if isinstance(at, int) and at else ""
            found.append((when, str(event.get("name", "")), list(inner.items()) if isinstance(inner, dict) else []))
    return found


def ticks_of(records: list[LogRecord], drawn: Clock) -> list[Tick]:
    """Records within the time that is drawn."""
    moments = [(record, clock.to_ns(record.timestamp) + record.timestamp_ns) for record in records]
    return [Tick(record, drawn.place(at)) for record, at in moments if drawn.first <= at <= drawn.last]
