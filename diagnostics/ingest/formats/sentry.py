"""Sentry's SDKs: envelopes at /api/<n>/envelope/ and single events at /api/<n>/store/.

The DSN is `https://<ingest key>@<host>/<any number>`. Items that are not understood are skipped, as the protocol asks.
"""

import hashlib
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import orjson

from diagnostics.core import limits
from diagnostics.core.errors import BadInput, TooLarge
from diagnostics.core.record import Parsed, Rejection
from diagnostics.ingest.answer import Answer, read_authorization
from diagnostics.ingest.formats.otlp import check_time
from diagnostics.ingest.formats.sentry_check_in import read_check_in
from diagnostics.ingest.formats.sentry_envelope import Item, read_header, read_items, read_object
from diagnostics.ingest.formats.sentry_event import read_event, read_log, read_session, read_session_counts
from diagnostics.ingest.formats.sentry_scope import Scope
from diagnostics.ingest.formats.sentry_transaction import read_span, read_transaction
from diagnostics.ingest.formats.sentry_values import objects, section, text

KEY: Final = re.compile(r"sentry_key=([A-Za-z0-9_-]{1,200})")
EVENT_ID: Final = re.compile(r"[0-9a-f]{32}")
CATEGORIES: Final = {"record": "log_item;log_byte;transaction;span;session", "error": "error;default"}
KINDS: Final = frozenset({"event", "transaction", "log", "span", "session", "sessions"})  # of items that are read
JSON: Final = "application/json"
MOST_CHECK_INS: Final = 100  # of one envelope; SDKs send one


class SentryFormat:
    """Both addresses: what they share."""

    name = "sentry"
    default_content_type = JSON
    content_types: frozenset[str] | None = None
    passes_other_methods = False
    key_in_body = False
    cross_origin = True
    keeps_errors = True
    inner_codings: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset({"POST"})

    def key_of(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        """X-Sentry-Auth, the query (browsers, so that they need not ask first), or a plain Authorization."""
        sentry = headers.get("x-sentry-auth", "") or headers.get("authorization", "")
        match = KEY.search(sentry)
        return (
            match[1] if match else query.get("sentry_key", "") or read_authorization(headers.get("authorization", ""))
        )

    def key_in(self, body: bytes) -> str:
        """Never; of an envelope see below."""
        return ""

    def parse(self, body: bytes, content_type: str, now_ns: int) -> Parsed:
        """In the subclasses."""
        raise NotImplementedError

    def success(self, accepted: int, rejections: list[Rejection], content_type: str, echo: Any = None) -> Answer:
        """The event's id, as Sentry does; what was left out beside it."""
        said = {"id": echo} if echo else {}
        return Answer(200, orjson.dumps({**said, "rejected": len(rejections)} if rejections else said), JSON)

    def failure(self, status: int, message: str, content_type: str) -> Answer:
        """The words go into a header as well, where the SDKs' debug mode shows them. An unknown key is 403 here."""
        status = 403 if status == 401 else status
        said = message.encode("ascii", "replace").decode().replace("\n", " ")[:200]
        return Answer(status, orjson.dumps({"detail": message}), JSON, {"x-sentry-error": said})

    def idempotency_key(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """In the subclasses."""
        raise NotImplementedError

    def take_event(self, parsed: Parsed, event: dict[str, Any], event_id: str, now_ns: int) -> None:
        """An event's records."""
        event_id = event_id or read_event_id(event)
        parsed.echo = parsed.echo or event_id
        found = read_event(event, event_id, now_ns, parsed.repeatable)
        parsed.records.extend(found)
        parsed.essential.update(map(id, found))

    def quota_headers(self, waits: Mapping[str, int]) -> dict[str, str]:
        """By category: without this header an SDK falls silent altogether, errors included."""
        told = [f"{seconds}:{CATEGORIES[category]}:organization:quota" for category, seconds in waits.items()]
        return {"x-sentry-rate-limits": ", ".join(told)} if told else {}


class EnvelopeFormat(SentryFormat):
    """Envelopes."""

    name = "sentry-envelope"
    key_in_body = True

    def key_in(self, body: bytes) -> str:
        """The user part of the DSN in the envelope's header (a tunnel keeps nothing else)."""
        try:
            return unquote(urlsplit(text(read_header(body).get("dsn"))).username or "")
        except (BadInput, ValueError):
            return ""

    def parse(self, body: bytes, content_type: str, now_ns: int) -> Parsed:
        """Each item by its kind; the envelope's event id wins over the payload's."""
        header = read_header(body)
        event_id = read_event_id(header)
        parsed = Parsed(echo=event_id)
        for index, item in enumerate(read_items(body)):
            try:
                self.take_item(parsed, item, event_id, now_ns)
            except TooLarge:
                raise
            except BadInput as error:
                parsed.rejections.append(Rejection(index, str(error)))
            if len(parsed.records) + len(parsed.spans) > limits.RECORDS:
                raise BadInput(f"records: more than {limits.RECORDS} in one envelope; send smaller envelopes")
        drop_wrong_times(parsed)
        return parsed

    def take_item(self, parsed: Parsed, item: Item, event_id: str, now_ns: int) -> None:
        """One item; those of other kinds are skipped."""
        if item.kind == "event":
            self.take_event(parsed, read_object(item.payload, "event"), event_id, now_ns)
        elif item.kind == "transaction":
            parsed.spans.extend(read_transaction(read_object(item.payload, "transaction"), event_id, now_ns))
        elif item.kind == "log":
            payload = read_object(item.payload, "log")
            entries = objects(payload.get("items")) if "items" in payload else [payload]
            parsed.records.extend(read_log(entry, now_ns) for entry in entries)
        elif item.kind == "span":
            payload = read_object(item.payload, "span")
            entries = objects(payload.get("items")) if "items" in payload else [payload]
            spans = [read_span(entry, Scope(), now_ns) for entry in entries]
            parsed.spans.extend(span for span in spans if span.trace_id and span.span_id)
        elif item.kind == "check_in":
            if len(parsed.check_ins) < MOST_CHECK_INS:
                parsed.check_ins.append(read_check_in(read_object(item.payload, "check_in")))
        elif item.kind == "session":
            record = read_session(read_object(item.payload, "session"), now_ns)
            if record is not None:
                parsed.records.append(record)
        elif item.kind == "sessions":
            payload = read_object(item.payload, "sessions")
            attributes = section(payload, "attrs")
            found = [read_session_counts(bucket, attributes, now_ns) for bucket in objects(payload.get("aggregates"))]
            parsed.records.extend(record for record in found if record is not None)

    def idempotency_key(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """The event id and the kinds of items; an envelope without an event is known by its bytes."""
        items = list(read_items(body))
        event_id = read_event_id(read_header(body)) or read_inner_id(items)
        kinds = "+".join(sorted({item.kind for item in items} & KINDS))
        if event_id and kinds:
            return f"sentry:{event_id}:{kinds}"
        return f"sentry:{hashlib.blake2b(body, digest_size=20).hexdigest()}"


class StoreFormat(SentryFormat):
    """Single events, as old SDKs send them."""

    name = "sentry-store"

    def parse(self, body: bytes, content_type: str, now_ns: int) -> Parsed:
        """One event."""
        event = read_object(body, "body")
        parsed = Parsed()
        self.take_event(parsed, event, "", now_ns)
        drop_wrong_times(parsed)
        return parsed

    def idempotency_key(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """The event id."""
        event_id = read_event_id(read_object(body, "body"))
        return f"sentry:{event_id}:event" if event_id else None


def read_event_id(event: dict[str, Any]) -> str:
    """32 hex digits, or empty."""
    found = text(event.get("event_id")).replace("-", "").lower()
    return found if EVENT_ID.fullmatch(found) else ""


def read_inner_id(items: list[Item]) -> str:
    """The id that an event carries itself, where the envelope names none."""
    for item in items:
        if item.kind in ("event", "transaction"):
            with suppress(BadInput):
                return read_event_id(read_object(item.payload, item.kind))
    return ""


def drop_wrong_times(parsed: Parsed) -> None:
    """What lies outside the years that can be kept is rejected by its place."""
    for index, record in enumerate(parsed.records):
        reason = check_time(record.timestamp_ns, "timestamp")
        if reason:
            parsed.rejections.append(Rejection(index, reason))
    parsed.records = [record for record in parsed.records if check_time(record.timestamp_ns, "") is None]
    parsed.spans = [span for span in parsed.spans if check_time(span.start_ns, "") is None]
