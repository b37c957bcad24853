"""Sums a request's records and spans by minute and by session while they are in memory.

The digest later adds these sums to the stored ones, so that nothing has to read the records again.
"""

from typing import Any

from diagnostics.core import severity
from diagnostics.core.histogram import bucket_of
from diagnostics.core.record import Parsed, Record, SpanRecord

MINUTE_NS = 60_000_000_000
SERVER = 2  # span kind
STATUS_ERROR = 2
RECORDS, WARNINGS, ERRORS, FATALS, REQUESTS, FAILURES, TIMEOUTS, STATUS_4XX, STATUS_5XX = range(9)

Sums = dict[tuple[int, str, str, str, str], tuple[list[int], dict[int, int]]]
Sessions = dict[str, dict[str, Any]]


def summarise(parsed: Parsed) -> tuple[list[Any], list[dict[str, Any]]]:
    """(sums, sessions) as stored in IngestBatch.

    sums: [minute since 1970, "log"|"span", service, route, release, counts as in MinuteRollup.COUNTS, {bucket: count}]
    sessions: one object a session id, times in microseconds since 1970.
    """
    sums: Sums = {}
    sessions: Sessions = {}
    for record in parsed.records:
        add_record(sums, record)
        if record.session_id:
            add_to_session(sessions, record)
    for span in parsed.spans:
        if span.kind == SERVER:
            add_span(sums, span)
        if span.session_id:
            add_span_to_session(sessions, span)
    rows = [[*key, counts, {str(b): n for b, n in latency.items()}] for key, (counts, latency) in sums.items()]
    return rows, list(sessions.values())


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


def session_of(sessions: Sessions, item: Record | SpanRecord, first_ns: int, last_ns: int) -> dict[str, Any]:
    """The item's session, its span of time widened to hold the item."""
    found = sessions.get(item.session_id)
    first_us, last_us = first_ns // 1000, last_ns // 1000
    if found is None:
        found = sessions[item.session_id] = {
            "session_id": item.session_id, "user_key": "", "first_us": first_us, "last_us": last_us,
            "records": 0, "spans": 0, "warnings": 0, "errors": 0, "crashed": False, "services": [], "release": "",
            "geo_country": "", "geo_region": "", "device_type": "", "browser": "", "os": "",
        }  # fmt: skip
    elif first_us < found["first_us"]:
        found["first_us"] = first_us
    if last_us > found["last_us"]:
        found["last_us"] = last_us
    if item.user_key:
        found["user_key"] = item.user_key
    if item.release:
        found["release"] = item.release
    if item.service_name and item.service_name not in found["services"] and len(found["services"]) < 20:
        found["services"].append(item.service_name)
    return found


def add_to_session(sessions: Sessions, record: Record) -> None:
    """Count one record in its session."""
    found = session_of(sessions, record, record.timestamp_ns, record.timestamp_ns)
    found["records"] += 1
    number = record.severity_number
    if number >= severity.WARN:
        found["warnings"] += number < severity.ERROR
        found["errors"] += number >= severity.ERROR
        found["crashed"] = found["crashed"] or number >= severity.FATAL
    if record.geo_country:
        found["geo_country"], found["geo_region"] = record.geo_country, record.geo_region or found["geo_region"]
    if record.device_type:
        found["device_type"] = record.device_type
        found["browser"], found["os"] = record.browser or found["browser"], record.os or found["os"]


def add_span_to_session(sessions: Sessions, span: SpanRecord) -> None:
    """Count one span in its session."""
    session_of(sessions, span, span.start_ns, span.end_ns)["spans"] += 1
