"""Sentry's transactions and spans as spans."""

from typing import Any, Final

from diagnostics.core.record import SpanRecord
from diagnostics.ingest.formats.otlp import read_id
from diagnostics.ingest.formats.sentry_event import moment_of
from diagnostics.ingest.formats.sentry_scope import Scope
from diagnostics.ingest.formats.sentry_values import objects, section, text

SERVER, CLIENT, PRODUCER, CONSUMER, INTERNAL = 2, 3, 4, 5, 1
OK, ERROR, UNSET = 1, 2, 0
NO_ERROR: Final = frozenset({"ok", "unset", "cancelled", ""})
MOST_SPANS: Final = 2000


def read_transaction(event: dict[str, Any], event_id: str, now_ns: int) -> list[SpanRecord]:
    """The root span and those below it."""
    scope = Scope.of_event(event, "")
    trace = section(section(event, "contexts"), "trace")
    root = read_span({**trace, **times_of(event)}, scope, now_ns)
    root.name = text(event.get("transaction")) or root.name
    if text(trace.get("op")).startswith(("http.server", "function", "rpc.server")):
        root.kind = SERVER
    take_request(root, event)
    spans = [root]
    inner, around = objects(event.get("spans"))[:MOST_SPANS], scope.around()
    spans.extend(read_span({"trace_id": root.trace_id, **item}, around, now_ns) for item in inner)
    return [span for span in spans if span.trace_id and span.span_id]


def times_of(event: dict[str, Any]) -> dict[str, Any]:
    """Start and end of the transaction itself."""
    return {"start_timestamp": event.get("start_timestamp"), "timestamp": event.get("timestamp")}


def read_span(item: dict[str, Any], scope: Scope, now_ns: int) -> SpanRecord:
    """One span, of a transaction or sent by itself."""
    attributes = {**scope.attributes, **section(item, "tags"), **plain(section(item, "data"))}
    attributes |= plain(section(item, "attributes"))
    start = moment_of(item.get("start_timestamp"), now_ns)
    end = moment_of(item.get("timestamp", item.get("end_timestamp")), start)
    op = text(item.get("op")) or text(attributes.get("sentry.op"))
    span = SpanRecord(
        trace_id=read_id(item.get("trace_id"), 32),
        span_id=read_id(item.get("span_id"), 16),
        parent_span_id=read_id(item.get("parent_span_id"), 16),
        start_ns=start,
        end_ns=max(end, start),
        name=text(item.get("description")) or text(item.get("name")) or op or "span",
        kind=kind_of(op),
        status_code=status_of(text(item.get("status"))),
        service_name=scope.service_name,
        release=scope.release,
        session_id=scope.session_id,
        request_id=scope.request_id,
        user_id=scope.user_id,
        attributes=attributes,
    )
    if op:
        span.attributes["sentry.op"] = op
    return span


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """Typed attributes (`{"value": …, "type": …}`) without their types."""
    return {
        name: value["value"] if isinstance(value, dict) and "value" in value else value
        for name, value in values.items()
    }


def kind_of(op: str) -> int:
    """OpenTelemetry's kind by Sentry's operation."""
    for prefix, kind in (("http.server", SERVER), ("http.client", CLIENT), ("db", CLIENT), ("queue.publish", PRODUCER)):
        if op.startswith(prefix):
            return kind
    return CONSUMER if op.startswith(("queue.process", "queue.task")) else INTERNAL


def status_of(status: str) -> int:
    """Unset, ok or error."""
    if status in ("", "unset"):
        return UNSET
    return OK if status in NO_ERROR else ERROR


def take_request(span: SpanRecord, event: dict[str, Any]) -> None:
    """What kind of request the transaction was, where the SDK says so."""
    request = section(event, "request")
    span.http_method = text(request.get("method"))
    status = section(section(event, "contexts"), "response").get("status_code")
    if isinstance(status, int) and 100 <= status <= 599:
        span.http_status = status
    if "/" in span.name:
        words = span.name.split(" ")
        span.http_route = next((word for word in words if word.startswith("/")), "")
