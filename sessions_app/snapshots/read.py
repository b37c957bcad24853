"""Reads the story of a record, all of it bounded: what its scope wrote before and shortly after, and its spans."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet

from diagnostics.models import LogRecord, Span
from diagnostics.search.page import key_of, newer_than, older_than
from sessions_app.models import Snapshot
from sessions_app.snapshots.story_scope import StoryScope, scope_of

BEFORE: Final = timedelta(minutes=30)
AFTER: Final = timedelta(seconds=5)
RECORDS: Final = 200  # before it, with itself
FOLLOWING: Final = 30
SPANS: Final = 200
TRACES: Final = 20  # of the records that are kept, whose spans belong to the story
COUNTED: Final = 10_000  # of what is left out; beyond, it is "more than"
LOOKED_BACK: Final = timedelta(days=1)  # for whether there was anything at all before


@dataclass(slots=True)
class Story:
    """Records and spans in their order, and how much was left out."""

    scope: StoryScope
    record: LogRecord
    records: list[LogRecord]
    spans: list[Span]
    cut: dict[str, int] = field(default_factory=dict)


def read_story(record: LogRecord) -> Story:
    """From half an hour before the record to some seconds after it."""
    scope = scope_of(record)
    rows = LogRecord.objects.filter(scope.where, environment_id=record.environment_id)
    began, ends = record.timestamp - BEFORE, record.timestamp + AFTER
    earlier = rows.filter(older_than(key_of(record)), timestamp__gte=began)
    later = rows.filter(newer_than(key_of(record)), timestamp__lte=ends)
    before = list(earlier.order_by(*LogRecord.NEWEST_FIRST)[: RECORDS - 1])[::-1]
    after = list(later.order_by(*LogRecord.ORDER)[:FOLLOWING])
    story = Story(scope, record, [*before, record, *after], [])
    if len(before) == RECORDS - 1:
        story.cut["records_before"] = count_some(earlier.filter(older_than(key_of(before[0]))))
    if len(after) == FOLLOWING:
        story.cut["records_after"] = count_some(later.filter(newer_than(key_of(after[-1]))))
    if rows.filter(timestamp__lt=began, timestamp__gte=began - LOOKED_BACK).exists():
        story.cut["earlier"] = 1
    read_spans(story)
    return story


def read_spans(story: Story) -> None:
    """Those of the scope and of the traces that its records name, the nearest before the record."""
    traces = list(dict.fromkeys(item.trace_id for item in reversed(story.records) if item.trace_id))[:TRACES]
    where = Q(trace_id__in=traces)
    if story.scope.kind == Snapshot.Scope.SESSION:
        where |= Q(session_id=story.scope.id)
    at = story.record.timestamp
    rows = Span.objects.filter(
        where, environment_id=story.record.environment_id, timestamp__gte=at - BEFORE, timestamp__lte=at + AFTER
    )
    found = list(rows.order_by("-timestamp", "-timestamp_ns", "-id")[: SPANS + 1])
    story.spans = found[:SPANS][::-1]
    if len(found) > SPANS:
        story.cut["spans"] = count_some(rows) - SPANS


def count_some(rows: "QuerySet[Any]") -> int:
    """How many, up to a bound."""
    return rows.order_by()[:COUNTED].count()
