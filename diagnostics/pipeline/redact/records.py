"""Whole records: the public dictionary form, and in place for the records and spans that the pipeline has made."""

import re
from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final

from diagnostics.core.record import Record, SpanRecord
from diagnostics.pipeline.redact.engine import WITHHELD, redact_text, seen_ids
from diagnostics.pipeline.redact.values import redact_mapping, redact_value

# Columns that hold ids, names of things and versions: digits alone are not private there.
LOG_COLUMNS: Final = (
    "service_name", "logger", "release", "event_name", "session_id", "journey_id", "request_id", "http_route", "error_type",
)  # fmt: skip
log_columns_of: Final = attrgetter(*LOG_COLUMNS)
SPAN_COLUMNS: Final = ("service_name", "release", "session_id", "journey_id", "request_id", "http_route", "error_type")


def redact_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """A clean copy of a record `{timestamp, level, logger, message, attributes}`; other fields are treated by name.

    Fails closed: a field that cannot be looked at becomes `[unscanned]`.
    """
    clean: dict[str, Any] = {}
    for name, value in record.items():
        try:
            field = FIELDS.get(name)
            if field is None:
                clean[redact_text(str(name))] = redact_value(value, str(name))
            else:
                clean[name] = field(value)
        except Exception:  # a fault must not let the field through, whatever it is
            clean[name if name in FIELDS else WITHHELD] = WITHHELD
    return clean


def redact_message(value: Any) -> Any:
    """A message; one that is no text is treated as a value without a name."""
    return redact_text(value) if isinstance(value, str) else redact_value(value)


def redact_stamp(value: Any) -> Any:
    """A time or a level: a plain time is not looked at any further."""
    if not isinstance(value, str) or TIME.fullmatch(value):
        return value if isinstance(value, str | int | float | None) else redact_value(value)
    return redact_text(value, numbers=False)


TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
FIELDS: Final = {
    "timestamp": redact_stamp,
    "level": redact_stamp,
    "logger": redact_stamp,
    "message": redact_message,
    "body": redact_message,
    "attributes": redact_value,
}


def redact_log(record: Record) -> None:
    """Cleans a record in place: body, attributes, restricted fields and the columns that senders fill."""
    record.body = redact_text(record.body)
    record.attributes = redact_mapping(record.attributes)
    if record.restricted:
        record.restricted = redact_mapping(record.restricted)
    young = seen_ids.young
    for column, value in zip(LOG_COLUMNS, log_columns_of(record), strict=True):
        if value and young.get(value) != value:
            setattr(record, column, redact_text(value, numbers=False))


def redact_span(span: SpanRecord) -> None:
    """Cleans a span in place, with its events."""
    span.name = redact_text(span.name)
    span.status_message = redact_text(span.status_message)
    span.attributes = redact_mapping(span.attributes)
    if span.events:
        span.events = [redact_value(event) for event in span.events]
    for column in SPAN_COLUMNS:
        value = getattr(span, column)
        if value:
            setattr(span, column, redact_text(value, numbers=False))
