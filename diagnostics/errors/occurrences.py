"""The records of one error. Its minutes say where they lie, so that nothing looks through other errors' records for them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet

from diagnostics.core import clock, severity
from diagnostics.digest.rollups import moment_of
from diagnostics.models import ErrorGroup, ErrorHour, LogRecord
from diagnostics.search.page import key_of, newer_than, older_than, search_limits
from diagnostics.search.patterns import Span, fetch

HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)
MOST: Final = 5_000  # the newest records that are looked at
NEWEST: Final = 60  # of which sessions and traces are shown
WINDOWS: Final = 500  # stretches of time that they are looked for in
SECONDS: Final = 2.0
TRIES: Final = 20  # minutes in which the next record is looked for: those of the minutes before may be erased
LISTED: Final = 6  # values of each kind

# What the newest records have in common: by kind the values that occur most, and how many values there are.
# Windows come newest first; within each, the records of one error alone.
FOUND: Final = f"""
    SELECT found.* FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS stretch (start, stop)
    CROSS JOIN LATERAL (
        SELECT * FROM diagnostics_log
        WHERE environment_id = %(environment)s AND "timestamp" >= stretch.start AND "timestamp" < stretch.stop
            AND severity_number >= {severity.ERROR} AND fingerprint = %(fingerprint)s
        ORDER BY "timestamp" DESC, timestamp_ns DESC, sequence DESC, id DESC LIMIT %(most)s
    ) AS found
    LIMIT %(most)s
"""  # noqa: S608  a number of ours
PARTS: Final = f"""
WITH found AS MATERIALIZED ({FOUND})
SELECT kind, value, records, kinds FROM (
    SELECT kind, value, count(*) AS records, count(*) OVER (PARTITION BY kind) AS kinds,
        row_number() OVER (PARTITION BY kind ORDER BY count(*) DESC, value) AS place
    FROM found CROSS JOIN LATERAL (VALUES
        ('release', release), ('route', concat_ws(' ', nullif(http_method, ''), http_route)), ('browser', browser), ('os', os),
        ('device', device_type), ('region', concat_ws(' ', nullif(geo_country, ''), nullif(geo_region, ''))),
        ('instance', coalesce(attributes->>'service.instance.id', attributes->>'host.name', '')), ('user', user_key),
        ('session', session_id)
    ) AS part (kind, value)
    WHERE value <> '' GROUP BY 1, 2
) AS ranked
WHERE place <= {LISTED}
UNION ALL SELECT 'records', '', count(*), 0 FROM found
"""  # noqa: S608  texts of this module
KINDS: Final = {
    "release": "Release", "route": "Route", "instance": "Instance", "browser": "Browser", "os": "System",
    "device": "Device", "region": "Region",
}  # fmt: skip


@dataclass(slots=True)
class Minutes:
    """When an error came, in the time shown: minutes since 1970, in order, and how many records in each."""

    numbers: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All records."""
        return sum(self.counts)

    def after(self, minute: int) -> int:
        """Records of later minutes."""
        return sum(self.counts[bisect_right(self.numbers, minute) :])

    def older_first(self, minute: int) -> Iterator[int]:
        """Minutes before this one, the next one first."""
        yield from reversed(self.numbers[: bisect_left(self.numbers, minute)])

    def newer_first(self, minute: int) -> Iterator[int]:
        """Minutes after this one, the next one first."""
        yield from self.numbers[bisect_right(self.numbers, minute) :]


@dataclass(frozen=True, slots=True)
class Bar:
    """A value that records have, and how many of those looked at do."""

    value: str
    records: int
    share: float


@dataclass(slots=True)
class Parts:
    """What the newest records have in common. `records`: how many were looked at."""

    records: int = 0
    users: int = 0
    sessions: int = 0
    bars: list[tuple[str, str, list[Bar], int]] = field(default_factory=list)  # kind, label, values, how many more


def read_minutes(error: ErrorGroup, since: datetime, until: datetime) -> Minutes:
    """In [since, until), to the minute: one statement, over at most an hour's row an hour."""
    first, last = minute_of(since), minute_of(until - timedelta.resolution)
    hours = ErrorHour.objects.filter(error=error, hour__gt=since - HOUR, hour__lt=until).order_by("hour")
    found = Minutes()
    for hour, minutes in hours.values_list("hour", "minutes"):
        begin = minute_of(hour)
        for minute, records in enumerate(minutes, begin):
            if records and first <= minute <= last:
                found.numbers.append(minute)
                found.counts.append(records)
    return found


def minute_of(moment: datetime) -> int:
    """The number of a moment's minute."""
    return clock.minute_of(clock.to_ns(moment))


def series_of(minutes: Minutes, span: Span) -> list[int]:
    """Records in each step."""
    counts = [0] * len(span.times)
    start, step = minute_of(span.times[0]), span.step // MINUTE
    for minute, records in zip(minutes.numbers, minutes.counts, strict=True):
        place = (minute - start) // step
        if 0 <= place < len(counts):
            counts[place] += records
    return counts


def stretches(error: ErrorGroup, minutes: Minutes, most: int) -> tuple[list[datetime], list[datetime]]:
    """Beginnings and ends of the times in which the newest `most` records lie, the newest first."""
    runs: list[list[int]] = []
    left = most
    for minute, records in zip(reversed(minutes.numbers), reversed(minutes.counts), strict=True):
        if left <= 0 or len(runs) >= WINDOWS:
            break
        left -= records
        if runs and runs[-1][0] == minute + 1:
            runs[-1][0] = minute
        else:
            runs.append([minute, minute + 1])
    return [moment_of(first) for first, _ in runs], [moment_of(end) for _, end in runs]


def read_parts(error: ErrorGroup, minutes: Minutes) -> Parts:
    """Who was hit and where it comes from; SearchTooSlowError."""
    with search_limits(SECONDS):
        rows = fetch(PARTS, parameters_of(error, minutes, MOST))
    parts = Parts()
    kinds: dict[str, list[tuple[str, int, int]]] = {}
    for kind, value, records, number in rows:
        if kind == "records":
            parts.records = records
        else:
            kinds.setdefault(kind, []).append((value, records, number))
    parts.users, parts.sessions = (kinds[kind][0][2] if kind in kinds else 0 for kind in ("user", "session"))
    for kind, label in KINDS.items():
        values = sorted(kinds.get(kind, ()), key=lambda row: (-row[1], row[0]))
        if values:
            bars = [Bar(value, records, records / parts.records) for value, records, _ in values]
            parts.bars.append((kind, label, bars, values[0][2] - len(values)))
    return parts


def newest_records(error: ErrorGroup, minutes: Minutes) -> list[LogRecord]:
    """The newest in the time shown; SearchTooSlowError."""
    with search_limits(SECONDS):
        return list(LogRecord.objects.raw(FOUND, parameters_of(error, minutes, NEWEST)))


def parameters_of(error: ErrorGroup, minutes: Minutes, most: int) -> dict[str, Any]:
    """Of the statements above."""
    starts, ends = stretches(error, minutes, most)
    return {
        "starts": starts, "ends": ends, "environment": error.environment_id, "fingerprint": error.fingerprint, "most": most,
    }  # fmt: skip


def records_of(error: ErrorGroup) -> "QuerySet[LogRecord]":
    """All of its records; who asks cuts them to a short time."""
    rows = LogRecord.objects.filter(environment_id=error.environment_id, severity_number__gte=severity.ERROR)
    return rows.filter(fingerprint=error.fingerprint)


def last_record(error: ErrorGroup) -> LogRecord | None:
    """The last of all; none when it was erased or its retention is over."""
    rows = records_of(error).filter(timestamp=error.last_seen)
    with search_limits(SECONDS):
        return rows.order_by(*LogRecord.NEWEST_FIRST).first()


def place_of(error: ErrorGroup, record: LogRecord, minutes: Minutes) -> int:
    """Its number among those of the time shown, the newest first, from 1."""
    start = clock.floor_minute(record.timestamp)
    same = records_of(error).filter(timestamp__gte=start, timestamp__lt=start + MINUTE)
    with search_limits(SECONDS):
        return minutes.after(minute_of(start)) + same.filter(newer_than(key_of(record))).count() + 1


def beside(error: ErrorGroup, record: LogRecord, minutes: Minutes, *, newer: bool) -> LogRecord | None:
    """The next record, newer or older, in the time shown: in its own minute, else in the next that had one."""
    start = clock.floor_minute(record.timestamp)
    side = newer_than(key_of(record)) if newer else older_than(key_of(record))
    order = LogRecord.ORDER if newer else LogRecord.NEWEST_FIRST
    rows = records_of(error).order_by(*order)
    others = minutes.newer_first(minute_of(start)) if newer else minutes.older_first(minute_of(start))
    with search_limits(SECONDS):
        found = rows.filter(side, timestamp__gte=start, timestamp__lt=start + MINUTE).first()
        for minute, _ in zip(others, range(TRIES), strict=False):
            if found is not None:
                break
            begin = moment_of(minute)
            found = rows.filter(timestamp__gte=begin, timestamp__lt=begin + MINUTE).first()
    return found
