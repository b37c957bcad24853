"""What the live stream puts on the wire: names and the few fields of a record that a live line shows."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from diagnostics.core import clock, severity
from diagnostics.core.record import Record
from diagnostics.core.reference import write_reference
from diagnostics.core.valkey import valkey_key
from diagnostics.models import LogRecord
from diagnostics.search.filters import MESSAGE
from diagnostics.search.terms import comparable

BODY_CHARS: Final = 500
FILTERED: Final = (
    "logger",
    "journey_id",
    "fingerprint",
    "browser",
    "geo_country",
    "template_id",
    "duration_ms",
)  # not shown, but filters ask for them


def group_of(environment_id: int) -> str:
    """The Channels group of an environment; ids, because names would show in logs of the layer."""
    return f"live.{environment_id}"


def watched_key(environment_id: int) -> str:
    """The Valkey key that stands while somebody watches."""
    return valkey_key(f"live:watched:{environment_id}")


def frame_record(record: Record) -> dict[str, Any]:
    """A record just written. Never restricted fields; its attributes are for filters, and shown to nobody."""
    moment = clock.from_ns(record.timestamp_ns)
    return {
        "reference": write_reference(moment, record.row_id),
        "timestamp": moment.isoformat(),
        "severity": severity.band_of(record.severity_number),
        "severity_number": record.severity_number,
        "service_name": record.service_name,
        "body": record.body[:BODY_CHARS],
        "trace_id": record.trace_id,
        "session_id": record.session_id,
        "user_key": record.user_key,
        "request_id": record.request_id,
        "http_route": record.http_route,
        "http_status": record.http_status,
        "error_type": record.error_type,
        "event_name": record.event_name,
        "release": record.release,
        "exception_message": message_of(record.attributes),
        "attributes": comparable(record.attributes),
        **{name: getattr(record, name) for name in FILTERED},
    }


def stored_record(record: LogRecord) -> dict[str, Any]:
    """The same from the store, for refills."""
    return {
        "reference": record.reference,
        "timestamp": record.timestamp.isoformat(),
        "severity": record.severity,
        "severity_number": record.severity_number,
        "service_name": record.service_name,
        "body": record.body[:BODY_CHARS],
        "trace_id": record.trace_id.hex if isinstance(record.trace_id, uuid.UUID) else "",
        "session_id": record.session_id,
        "user_key": record.user_key,
        "request_id": record.request_id,
        "http_route": record.http_route,
        "http_status": record.http_status,
        "error_type": record.error_type,
        "event_name": record.event_name,
        "release": record.release,
        "exception_message": message_of(record.attributes),
        "attributes": comparable(record.attributes),
        **{name: getattr(record, name) for name in FILTERED},
    }


def shown_record(frame: Mapping[str, Any]) -> dict[str, Any]:
    """What goes on to a page: without what only filters have asked for."""
    return {name: value for name, value in frame.items() if name not in ("attributes", "duration_ms")}


def message_of(attributes: Mapping[str, Any]) -> str:
    """What the record's error says: words are looked for in it, too."""
    message = attributes.get(MESSAGE)
    return message[:BODY_CHARS] if isinstance(message, str) else ""
