"""What a search finds as a file: the newest records, without restricted fields, as JSON lines or as a table."""

from collections.abc import Iterator
from typing import Any, Final

import orjson
from django.db.models import QuerySet

from diagnostics.core import clock, limits
from diagnostics.core.spreadsheet import csv_line
from diagnostics.models import LogRecord
from diagnostics.search.page import read_page, search_limits

MOST: Final = 10_000  # records
MOST_BYTES: Final = 32 * limits.MIB  # of the file; the record with which it is full is the last
AT_ONCE: Final = 500
COLUMNS: Final = (
    "severity", "service_name", "body", "event_name", "error_type", "http_method", "http_route", "http_status", "duration_ms",
    "release", "logger", "trace_id", "span_id", "session_id", "user_key", "request_id", "journey_id", "geo_country",
    "device_type", "browser", "os", "fingerprint", "reference",
)  # fmt: skip


def read_newest(rows: "QuerySet[LogRecord]") -> Iterator[LogRecord]:
    """The newest, in pages; SearchTooSlowError where one takes too long."""
    cursor, left = "", MOST
    while left:
        with search_limits():
            page = read_page(rows, cursor, min(AT_ONCE, left))
        yield from page.records
        left, cursor = left - len(page.records), page.next_cursor
        if not cursor:
            return


def plain_record(record: LogRecord) -> dict[str, Any]:
    """All that everybody who sees records may see, fit for JSON."""
    found: dict[str, Any] = {name: getattr(record, name) for name in COLUMNS}
    nanoseconds = str(clock.to_ns(record.timestamp) + record.timestamp_ns)
    return {
        "timestamp": record.timestamp.isoformat(), "timestamp_unix_nano": nanoseconds, **found, "trace_id": record.trace_hex,
        "attributes": record.attributes,
    }  # fmt: skip


def write_lines(records: Iterator[LogRecord], kind: str) -> Iterator[bytes]:
    """The file's lines; `kind` is csv, with a header, or json: one object a line."""
    if kind == "csv":
        yield csv_line(("timestamp", "timestamp_unix_nano", *COLUMNS, "attributes"))
    written = 0
    for record in records:
        plain = plain_record(record)
        line = write_cells(plain) if kind == "csv" else orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE)
        yield line
        written += len(line)
        if written > MOST_BYTES:
            return


def write_cells(plain: dict[str, Any]) -> bytes:
    """One line of the table; attributes are JSON in one cell."""
    attributes = orjson.dumps(plain["attributes"]).decode() if plain["attributes"] else ""
    return csv_line("" if value is None else str(value) for value in {**plain, "attributes": attributes}.values())
