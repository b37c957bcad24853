"""The document that a snapshot is: plain JSON with a version, bounded, and the same bytes for the same story.

It holds what the records hold, redacted as they are; restricted fields never: they stay in their own table.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from diagnostics.core import clock
from diagnostics.models import LogRecord, Span
from sessions_app.models import Snapshot
from sessions_app.snapshots.read import Story

SCHEMA: Final = 1
BODY_CHARS: Final = 4_000
BROKEN_BODY_CHARS: Final = 16_000  # of the record that the snapshot is about
VALUE_BYTES: Final = 4_096  # of a record's attributes, a span's attributes, its events
BROKEN_VALUE_BYTES: Final = 32_768
RECORDS_BYTES: Final = 768 * 1024  # of all records together; the oldest go first
SPANS_BYTES: Final = 256 * 1024
RECORD_TEXTS: Final = (
    "service_name", "logger", "release", "event_name", "span_id", "session_id", "user_key", "journey_id", "request_id",
    "http_method", "http_route", "http_status", "duration_ms", "error_type", "fingerprint", "client_network",
    "geo_country", "geo_region", "device_type", "browser", "os", "is_bot", "has_restricted",
)  # fmt: skip
SPAN_TEXTS: Final = (
    "span_id", "parent_span_id", "name", "kind", "status_code", "status_message", "service_name", "release", "session_id",
    "user_key", "journey_id", "request_id", "http_method", "http_route", "http_status", "error_type",
)  # fmt: skip

Item = dict[str, Any]
Document = dict[str, Any]


def write_document(story: Story, reason: str, taken_at: datetime) -> Document:
    """Of a story as it was read."""
    cut = dict(story.cut)
    broken = record_of(story.record, BROKEN_BODY_CHARS, BROKEN_VALUE_BYTES)
    records = [broken if item is story.record else record_of(item) for item in story.records]
    spans = [span_of(span) for span in story.spans]
    if gone := drop_oldest(records, RECORDS_BYTES, kept=broken):
        cut["records_before"] = cut.get("records_before", 0) + gone
    if gone := drop_oldest(spans, SPANS_BYTES):
        cut["spans"] = cut.get("spans", 0) + gone
    if shortened := sum(1 for item in (*records, *spans) if item.get("shortened")):
        cut["shortened"] = shortened
    return {
        "schema": SCHEMA,
        "reason": reason,
        "taken_at": taken_at.isoformat(),
        "scope": {"kind": str(story.scope.kind), "id": story.scope.id},
        "record": story.record.reference,
        "records": records,
        "spans": spans,
        "cut": cut,
    }


def record_of(record: LogRecord, chars: int = BODY_CHARS, size: int = VALUE_BYTES) -> Item:
    """A record's known fields."""
    shortened: list[str] = []
    item = {
        "reference": record.reference,
        "timestamp": record.timestamp.isoformat(),
        "timestamp_unix_nano": str(clock.to_ns(record.timestamp) + record.timestamp_ns),
        "observed_timestamp": record.observed_timestamp.isoformat(),
        "severity": record.severity,
        "severity_number": record.severity_number,
        "body": shorten(record.body, chars, shortened),
        "trace_id": record.trace_hex,
        "template": record.template_reference,
        "attributes": fit(record.attributes, size, "attributes", shortened),
        **{name: getattr(record, name) for name in RECORD_TEXTS},
    }
    return known({**item, "shortened": shortened})


def span_of(span: Span) -> Item:
    """A span's known fields."""
    shortened: list[str] = []
    item = {
        "timestamp": span.timestamp.isoformat(),
        "timestamp_unix_nano": str(clock.to_ns(span.timestamp) + span.timestamp_ns),
        "duration_ns": span.duration_ns,
        "trace_id": span.trace_id.hex,
        "attributes": fit(span.attributes, VALUE_BYTES, "attributes", shortened),
        "events": fit_events(span.events, shortened),
        **{name: getattr(span, name) for name in SPAN_TEXTS},
    }
    return known({**item, "shortened": shortened})


def known(item: Item) -> Item:
    """Without what is not known."""
    return {name: value for name, value in item.items() if value not in (None, "", {}, []) and value is not False}


def shorten(text: str, chars: int, shortened: list[str]) -> str:
    """The beginning, and a note when that is not all."""
    if len(text) <= chars:
        return text
    shortened.append("body")
    return text[:chars] + "…"


def fit(values: Any, size: int, name: str, shortened: list[str]) -> Any:
    """As many of these values, in their order, as fit."""
    if not isinstance(values, dict) or size_of(values) <= size:
        return values
    shortened.append(name)
    kept: Item = {}
    left = size
    for key, value in values.items():
        left -= size_of({key: value})
        if left >= 0:
            kept[key] = value
    return kept


def fit_events(events: Any, shortened: list[str]) -> Any:
    """As many of a span's events as fit, the last ones: they are nearest to the failure."""
    if not isinstance(events, list) or size_of(events) <= VALUE_BYTES:
        return events
    shortened.append("events")
    kept: list[Any] = []
    left = VALUE_BYTES
    for event in reversed(events):
        left -= size_of(event)
        if left < 0:
            break
        kept.append(event)
    return kept[::-1]


def drop_oldest(items: list[Item], most: int, kept: Item | None = None) -> int:
    """Take the oldest away, never `kept`, until the rest fits; how many went."""
    sizes = [size_of(item) for item in items]
    total, gone = sum(sizes), 0
    while total > most and gone < len(items) and items[gone] is not kept:
        total -= sizes[gone]
        gone += 1
    del items[:gone]
    return gone


def size_of(value: Any) -> int:
    """Bytes of it as JSON."""
    return len(canonical(value).encode())


def canonical(value: Any) -> str:
    """The one way to write it: sorted, without spaces."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest_of(content: str) -> str:
    """SHA-256 of its bytes."""
    return hashlib.sha256(content.encode()).hexdigest()


def is_whole(snapshot: Snapshot) -> bool:
    """Whether the content is what was frozen."""
    return digest_of(snapshot.content) == snapshot.digest


def read_document(snapshot: Snapshot) -> Document:
    """The content; an empty one where somebody has spoilt it, so that the page can say so."""
    try:
        document = json.loads(snapshot.content)
    except ValueError:
        document = None
    found = document if isinstance(document, dict) else {}
    return {"records": [], "spans": [], "cut": {}, **found}


def fill(snapshot: Snapshot, document: Document) -> None:
    """Set the content, its digest and what is found by it."""
    items = [*document["records"], *document["spans"]]
    snapshot.content = canonical(document)
    snapshot.digest = digest_of(snapshot.content)
    snapshot.records, snapshot.spans = len(document["records"]), len(document["spans"])
    snapshot.user_keys = names_of(items, "user_key")
    snapshot.session_ids = names_of(items, "session_id")


def names_of(items: list[Item], name: str) -> list[str]:
    """Each value that the items carry, once."""
    return sorted({item[name] for item in items if item.get(name)})


def cut_out(document: Document, is_theirs: Callable[[Item], bool]) -> int:
    """Take a person's records and spans out, and note how many; the document says so from then on."""
    gone = 0
    for name in ("records", "spans"):
        left = [item for item in document[name] if not is_theirs(item)]
        if removed := len(document[name]) - len(left):
            document[name] = left
            document["cut"][f"erased_{name}"] = document["cut"].get(f"erased_{name}", 0) + removed
            gone += removed
    return gone
