"""A scope as people read it: records, spans and deploys in the one order, a page at a time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet

from diagnostics.core.cursor import write_cursor
from diagnostics.models import Event, LogRecord, Span
from diagnostics.search.page import key_of, newer_than, older_than, read_key
from diagnostics.search.record import record_at
from sessions_app.models import LogSession
from sessions_app.scope import Scope
from sessions_app.steps import Step, put_in_order, step_of_event, step_of_record, step_of_session, step_of_span

ROWS: Final = 300  # records on one page
BEFORE: Final = 60  # of them before the one that a link points at
SPANS: Final = 300  # on one page
EVENTS: Final = 50
INTERNAL: Final = 1  # OpenTelemetry's kind of a span within one process
LONGEST_MS: Final = 1 << 42  # 139 years: an offset that no date overflows with


@dataclass(slots=True)
class Timeline:
    """A page of it. `since_ms` and `until_ms` bound what it holds, None where it holds all there is on that side."""

    steps: list[Step] = field(default_factory=list)
    earlier: bool = False
    next_cursor: str = ""
    since_ms: float | None = None
    until_ms: float | None = None
    left_out: bool = False  # more spans than a page holds

    @property
    def first_error(self) -> str:
        """Anchor of the first error of this page."""
        return next((step.anchor for step in self.steps if step.is_error), "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page starts: after a cursor, around a record (its reference) or a moment (milliseconds since the scope
    began); at the beginning without any. ValueError says what is wrong."""

    cursor: str = ""
    at: str = ""
    moment: str = ""

    def offset(self) -> timedelta | None:
        """The moment, as it was written in an address."""
        try:
            number = int(self.moment) if self.moment else None
        except ValueError:
            raise ValueError("t: use milliseconds since the beginning, a whole number") from None
        if number is not None and abs(number) > LONGEST_MS:
            raise ValueError(f"t: use a number of milliseconds below {LONGEST_MS}")
        return None if number is None else timedelta(milliseconds=number)


def read_timeline(scope: Scope, place: Place | None = None, *, with_spans: bool = False) -> Timeline:
    """The page at `place`."""
    place = place or Place()
    records, timeline = read_records(scope, place)
    since, until = bounds(scope, place, records, timeline)
    steps = [step_of_record(record) for record in records]
    for step in steps:
        step.is_here = step.reference == place.at
    if with_spans:
        spans = list(telling(Span.objects.filter(scope.rows).filter(within(since, until)))[: SPANS + 1])
        timeline.left_out = len(spans) > SPANS
        steps += map(step_of_span, spans[:SPANS])
    if steps:
        steps += read_marks(scope, since, max(step.at for step in steps))
    timeline.steps = put_in_order(steps, scope.began)
    return timeline


def read_records(scope: Scope, place: Place) -> tuple[list[LogRecord], Timeline]:
    """The page's records; what comes before and after them stands in the timeline."""
    rows = LogRecord.objects.filter(scope.rows)
    before: list[LogRecord] = []
    if place.cursor:
        rows = rows.filter(newer_than(read_key(place.cursor)))
    elif (start := find_start(scope, place)) is not None:
        earlier, later = start
        before = list(rows.filter(earlier).order_by(*LogRecord.NEWEST_FIRST)[:BEFORE])[::-1]
        rows = rows.filter(later)
    room = ROWS - len(before)
    found = list(rows.order_by(*LogRecord.ORDER)[: room + 1])
    more = len(found) > room
    timeline = Timeline(
        earlier=bool(place.cursor) or len(before) == BEFORE,
        next_cursor=write_cursor(*key_of(found[room - 1])) if more else "",
    )
    return [*before, *found[:room]], timeline


def find_start(scope: Scope, place: Place) -> tuple[Q, Q] | None:
    """What comes before, and from there on; None for the beginning."""
    here = find_here(scope, place.at)
    if here is not None:
        key = key_of(here)
        return older_than(key), Q(pk=here.pk, timestamp=here.timestamp) | newer_than(key)
    offset = place.offset()
    if offset is None:
        return None
    moment = clamp(scope, offset)
    return Q(timestamp__lt=moment), Q(timestamp__gte=moment)


def clamp(scope: Scope, offset: timedelta) -> datetime:
    """The moment so long after the beginning, within the scope."""
    return scope.began + min(max(offset, scope.since - scope.began), scope.until - scope.began)


def find_here(scope: Scope, reference: str) -> LogRecord | None:
    """The record of this scope that a link points at."""
    return record_at(LogRecord.objects.filter(scope.rows), reference)


def bounds(scope: Scope, place: Place, records: list[LogRecord], timeline: Timeline) -> tuple[datetime, datetime]:
    """From when (not itself, but for the beginning) to when the page tells all; noted in the timeline, too."""
    since, until = scope.since, scope.until
    if place.cursor:
        since = read_key(place.cursor)[0]
    elif timeline.earlier:
        since = records[0].timestamp
    if timeline.next_cursor:
        until = records[-1].timestamp
    if timeline.earlier:
        timeline.since_ms = offset_ms(scope, since)
    if timeline.next_cursor:
        timeline.until_ms = offset_ms(scope, until)
    return since, until


def offset_ms(scope: Scope, moment: datetime) -> float:
    """Milliseconds since the scope began."""
    return (moment - scope.began).total_seconds() * 1000


def within(since: datetime, until: datetime) -> Q:
    """Pages follow each other: what starts with the last record of one is not told on the next."""
    return Q(timestamp__gt=since, timestamp__lte=until)


def telling(spans: "QuerySet[Span]") -> "QuerySet[Span]":
    """Spans that tell of what was done: the steps within one process stay in the waterfall."""
    return spans.exclude(Q(kind=INTERNAL) & ~Q(parent_span_id="")).order_by("timestamp", "timestamp_ns", "id")


def read_marks(scope: Scope, since: datetime, until: datetime) -> list[Step]:
    """What stands between the first and the last: deploys and other changes, and a person's sessions."""
    events = Event.objects.filter(environment_id=scope.environment_id).changes()
    events = events.filter(within(max(since, scope.began), until))
    steps = [step_of_event(event) for event in events.order_by("timestamp")[:EVENTS]]
    if scope.kind == "user":
        steps += [step_of_session(session) for session in sessions_within(scope, since, until)]
    return steps


def sessions_within(scope: Scope, since: datetime, until: datetime) -> Any:
    """A person's sessions that began in this time."""
    rows = LogSession.objects.filter(environment_id=scope.environment_id, user_key__in=scope.values)
    return rows.filter(started_at__gte=since, started_at__lte=until).order_by("started_at")[:EVENTS]
