"""Whole records: the public dictionary form, and in place for the records and spans that the pipeline has made."""

from collections.abc import Mapping
from typing import Any, Final

from diagnostics.core.record import Record, SpanRecord
from diagnostics.pipeline.redact.engine import WITHHELD, redact_text
from diagnostics.pipeline.redact.keys import Kind, classify_name
from diagnostics.pipeline.redact.values import redact_mapping, redact_treated, redact_value, treat

# Columns that hold ids, names of things and versions: digits alone are not private there.
LOG_COLUMNS: Final = (
    "service_name", "logger", "release", "event_name", "session_id", "journey_id", "request_id", "http_route", "error_type",
)  # fmt: skip
SPAN_COLUMNS: Final = ("service_name", "release", "session_id", "journey_id", "request_id", "http_route", "error_type")


def redact_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """A clean copy of a record `{timestamp, level, logger, message, attributes}`; other fields are treated by name.

    Fails closed: a field that cannot be looked at becomes `[unscanned]`.
    """
    return {redact_text(str(name)): redact_field(name, value) for name, value in record.items()}


def redact_field(name: str, value: Any) -> Any:
    """One field of a record."""
    try:
        if name in ("timestamp", "level"):
            return redact_text(value, numbers=False) if isinstance(value, str) else value
        if name in ("message", "msg", "body") and isinstance(value, str):
            return redact_text(value)
        if name == "attributes" and isinstance(value, Mapping):
            return redact_mapping(value)
        return redact_value(value, name)
    except Exception:  # a fault must not let the field through, whatever it is
        return WITHHELD


def redact_log(record: Record) -> None:
    """Cleans a record in place: body, attributes, restricted fields and the columns that senders fill."""
    record.body = redact_text(record.body)
    record.attributes = redact_attributes(record.attributes)
    if record.restricted:
        record.restricted = redact_attributes(record.restricted)
    for column in LOG_COLUMNS:
        value = getattr(record, column)
        if value:
            clean = redact_text(value, numbers=False)
            if clean is not value:
                setattr(record, column, clean)


def redact_span(span: SpanRecord) -> None:
    """Cleans a span in place, with its events."""
    span.name = redact_text(span.name)
    span.status_message = redact_text(span.status_message)
    span.attributes = redact_attributes(span.attributes)
    if span.events:
        span.events = [redact_value(event) for event in span.events]
    for column in SPAN_COLUMNS:
        value = getattr(span, column)
        if value:
            setattr(span, column, redact_text(value, numbers=False))


def redact_attributes(attributes: dict[str, Any]) -> dict[str, Any]:
    """A clean copy; the common case, flat text and numbers under plain names, takes the short way."""
    clean: dict[str, Any] = {}
    for name, value in attributes.items():
        if type(value) is str:
            kind = classify_name(name).kind
            if kind is Kind.SCAN:
                value = redact_text(value)
            elif kind is Kind.ID:
                value = redact_text(value, numbers=False)
            else:
                value = redact_treated(value, treat(name), name, 0, 0)
        elif value is not None and type(value) is not bool and type(value) is not float:
            value = redact_value(value, name)
        clean[redact_text(name)] = value
    return clean
