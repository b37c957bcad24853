"""One session as people read it: its records and spans in the one order, with the time since it began."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from diagnostics.core import clock, severity
from diagnostics.core.reference import read_reference
from diagnostics.models import LogRecord, Span
from diagnostics.search.page import key_of, newer_than, older_than, read_cursor, write_cursor
from sessions_app.models import LogSession

ROWS: Final = 300  # records on one page of a session
BEFORE: Final = 60  # of them before the one that a link points at
SPANS: Final = 500
SLACK: Final = timedelta(hours=1)  # clocks of a session's senders differ; partitions outside are not read


@dataclass(slots=True)
class Step:
    """One line of the timeline."""

    record: LogRecord
    offset_ms: float
    is_here: bool = False
    next_error: str = ""  # reference of the next error, to jump to

    @property
    def is_error(self) -> bool:
        """Error or worse."""
        return self.record.severity_number >= severity.ERROR


@dataclass(slots=True)
class Timeline:
    """A page of a session."""

    steps: list[Step] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    earlier: bool = False
    next_cursor: str = ""
    first_error: str = ""


def read_timeline(session: LogSession, *, at: str = "", cursor: str = "", with_spans: bool = False) -> Timeline:
    """The page that starts after `cursor`, or around the record `at`, or at the beginning. ValueError: a bad cursor."""
    rows = LogRecord.objects.filter(within(session))
    before: list[LogRecord] = []
    if cursor:
        rows = rows.filter(newer_than(read_cursor(cursor)))
    elif (here := find_here(session, at)) is not None:
        before = list(rows.filter(older_than(key_of(here))).order_by(*LogRecord.NEWEST_FIRST)[:BEFORE])[::-1]
        rows = rows.filter(Q(pk=here.pk, timestamp=here.timestamp) | newer_than(key_of(here)))
    found = list(rows.order_by(*LogRecord.ORDER)[: ROWS - len(before) + 1])
    cut = found[: ROWS - len(before)]
    records = [*before, *cut]
    timeline = Timeline([step_of(session, record, at) for record in records])
    timeline.next_cursor = write_cursor(cut[-1]) if len(found) > len(cut) else ""
    timeline.earlier = bool(cursor) or len(before) == BEFORE
    link_errors(timeline)
    if with_spans and records:
        timeline.spans = read_spans(session, records[0].timestamp, records[-1].timestamp)
    return timeline


def within(session: LogSession) -> Q:
    """The session's rows, in its own time only."""
    return Q(
        environment_id=session.environment_id,
        session_id=session.session_id,
        timestamp__gte=session.started_at - SLACK,
        timestamp__lte=session.last_seen_at + SLACK,
    )


def find_here(session: LogSession, reference: str) -> LogRecord | None:
    """The record of this session that a link points at."""
    place = read_reference(reference) if reference else None
    if place is None:
        return None
    return LogRecord.objects.filter(within(session), timestamp=place.timestamp, pk=place.id).first()


def step_of(session: LogSession, record: LogRecord, at: str) -> Step:
    """A record with its time since the session began."""
    offset = (record.timestamp - session.started_at).total_seconds() * 1000
    return Step(record, offset, record.reference == at)


def link_errors(timeline: Timeline) -> None:
    """From each error to the next one."""
    upcoming = ""
    for step in reversed(timeline.steps):
        step.next_error = upcoming
        if step.is_error:
            upcoming = step.record.reference
    timeline.first_error = upcoming


def read_spans(session: LogSession, since: datetime, until: datetime) -> list[Span]:
    """Spans of the time shown."""
    return list(
        Span.objects.filter(within(session), timestamp__gte=since - SLACK, timestamp__lte=until + SLACK)[:SPANS]
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """A record (no width) or a span on a lane."""

    x: float
    width: float
    tone: str
    title: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """One service over the session's time."""

    name: str
    y: int
    marks: list[Mark]


LANE_WIDTH: Final = 1000
LANE_NAMES: Final = 150
LANE_HEIGHT: Final = 26
MOST_LANES: Final = 12


def draw_lanes(timeline: Timeline) -> list[Lane]:
    """Geometry of the page's lanes: services in the order in which they came in."""
    starts = [clock.to_ns(step.record.timestamp) for step in timeline.steps]
    starts += [clock.to_ns(span.timestamp) for span in timeline.spans]
    ends = [*starts, *(clock.to_ns(span.timestamp) + span.duration_ns for span in timeline.spans)]
    if not starts:
        return []
    first, last = min(starts), max(ends)
    scale = (LANE_WIDTH - LANE_NAMES - 20) / max(last - first, 1)
    marks: dict[str, list[Mark]] = {}
    for span in timeline.spans:
        x = LANE_NAMES + (clock.to_ns(span.timestamp) - first) * scale
        tone = "is-error" if span.status_code == 2 or (span.http_status or 0) >= 500 else ""
        title = f"{span.name}: {span.duration_ms:,.0f} ms"
        width = round(max(span.duration_ns * scale, 2), 1)
        marks.setdefault(span.service_name, []).append(Mark(round(x, 1), width, tone, title))
    for step in timeline.steps:
        record = step.record
        x = LANE_NAMES + (clock.to_ns(record.timestamp) - first) * scale
        mark = Mark(round(x, 1), 0, f"is-{record.severity}", record.body[:120], record.reference)
        marks.setdefault(record.service_name, []).append(mark)
    return [Lane(name, LANE_HEIGHT * number, marks[name]) for number, name in enumerate(list(marks)[:MOST_LANES])]
