"""Sums a request's records and spans by minute, by session and by journey while they are in memory.

The digest later adds these sums to the stored ones, so that nothing has to read the records again.
"""

from typing import Any, NamedTuple

from diagnostics.core import severity
from diagnostics.core.histogram import bucket_of
from diagnostics.core.record import Parsed, Record, SpanRecord
from diagnostics.pipeline import journey_parts
from diagnostics.pipeline.parts import Parts, write_parts
from diagnostics.pipeline.policy.endings import Endings
from diagnostics.pipeline.session_parts import count_record, count_span

MINUTE_NS = 60_000_000_000
SERVER = 2  # span kind
STATUS_ERROR = 2
RECORDS, WARNINGS, ERRORS, FATALS, REQUESTS, FAILURES, TIMEOUTS, STATUS_4XX, STATUS_5XX = range(9)

Sums = dict[tuple[int, str, str, str, str], tuple[list[int], dict[int, int]]]


class Summary(NamedTuple):
    """As stored in IngestBatch.

    sums: [minute since 1970, "log"|"span", service, route, release, counts as in MinuteRollup.COUNTS, {bucket: count}]
    sessions: one part a session id, see session_parts; journeys: one a journey id, see journey_parts.
    """

    sums: list[Any]
    sessions: str
    journeys: str


def summarise(parsed: Parsed, endings: Endings | None = None) -> Summary:
    """All sums of a request; `endings` tell which of its records end a journey well."""
    sums: Sums = {}
    sessions: Parts = {}
    journeys: Parts = {}
    for record in parsed.records:
        add_record(sums, record)
        if record.session_id:
            count_record(sessions, record)
        if record.journey_id:
            journey_parts.count_record(journeys, record, endings)
    for span in parsed.spans:
        if span.kind == SERVER:
            add_span(sums, span)
        if span.session_id:
            count_span(sessions, span)
        if span.journey_id:
            journey_parts.count_span(journeys, span, endings)
    rows = [[*key, counts, {str(b): n for b, n in latency.items()}] for key, (counts, latency) in sums.items()]
    return Summary(rows, write_parts(sessions.values()), write_parts(journeys.values()))


def series_of(sums: Sums, source: str, at_ns: int, item: Record | SpanRecord) -> tuple[list[int], dict[int, int]]:
    """The counts and the histogram of the item's minute, service, route and release."""
    key = (at_ns // MINUTE_NS, source, item.service_name, item.http_route, item.release)
    found = sums.get(key)
    if found is None:
        found = sums[key] = ([0] * 9, {})
    return found


def add_record(sums: Sums, record: Record) -> None:
    """Count one record; one that carries an HTTP status is a request."""
    counts, latency = series_of(sums, "log", record.timestamp_ns, record)
    counts[RECORDS] += 1
    number = record.severity_number
    if number >= severity.WARN:
        counts[WARNINGS] += number < severity.ERROR
        counts[ERRORS] += number >= severity.ERROR
        counts[FATALS] += number >= severity.FATAL
    if record.http_status is not None:
        add_request(counts, record.http_status, is_error=False)
        if record.duration_ms is not None:
            bucket = bucket_of(record.duration_ms)
            latency[bucket] = latency.get(bucket, 0) + 1
    if (record.error_type or record.http_status is not None) and is_timeout(record.http_status, record.error_type):
        counts[TIMEOUTS] += 1


def add_span(sums: Sums, span: SpanRecord) -> None:
    """Count one server span as a request."""
    counts, latency = series_of(sums, "span", span.start_ns, span)
    add_request(counts, span.http_status or 0, is_error=span.status_code == STATUS_ERROR)
    bucket = bucket_of((span.end_ns - span.start_ns) / 1e6)
    latency[bucket] = latency.get(bucket, 0) + 1
    if is_timeout(span.http_status, span.error_type):
        counts[TIMEOUTS] += 1


def add_request(counts: list[int], status: int, *, is_error: bool) -> None:
    """Count one request by its status."""
    counts[REQUESTS] += 1
    counts[STATUS_4XX] += 400 <= status < 500
    counts[STATUS_5XX] += status >= 500
    counts[FAILURES] += status >= 500 or is_error


def is_timeout(status: int | None, error_type: str) -> bool:
    """408, 504, or an error whose type says so."""
    if status in (408, 504):
        return True
    return bool(error_type) and ("timeout" in (lowered := error_type.lower()) or "deadline" in lowered)
