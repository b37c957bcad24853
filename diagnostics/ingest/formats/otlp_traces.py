"""OTLP traces at /v1/traces, protobuf and JSON. Exceptions on spans become records that are linked to them."""

from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as ProtoSpan

from diagnostics.core import severity
from diagnostics.core.record import Parsed, Record, Rejection, SpanRecord
from diagnostics.ingest.formats import otlp
from diagnostics.ingest.formats.sharing import Shares, size_of

EVENTS_KEPT = 32


class OtlpTracesFormat(otlp.OtlpFormat):
    """The registry's entry."""

    name = "otlp-traces"
    rejected_key = "rejectedSpans"

    def parse(self, body: bytes, content_type: str, now_ns: int) -> Parsed:
        """Spans of the request, in its order, and the records of their exceptions."""
        return parse_json(body, now_ns) if content_type == otlp.JSON else parse_protobuf(body, now_ns)


def parse_protobuf(body: bytes, now_ns: int) -> Parsed:
    """ExportTraceServiceRequest, binary."""
    request = ExportTraceServiceRequest()
    otlp.read_protobuf(request, body)
    if len(body) > otlp.LARGE:
        otlp.check_shape(request.resource_spans, "spans", "spans")
    otlp.check_count(sum(len(s.spans) for r in request.resource_spans for s in r.scope_spans))
    parsed = Parsed()
    shares = Shares("resource attributes")
    index = 0
    for group in request.resource_spans:
        resource = otlp.attributes_of(group.resource.attributes)
        size = group.resource.ByteSize()
        for scope in group.scope_spans:
            shares.count(size, len(scope.spans))
            for item in scope.spans:
                keep(parsed, read_proto_span(item, resource), index, now_ns)
                index += 1
    return parsed


def read_proto_span(item: ProtoSpan, resource: dict[str, Any]) -> SpanRecord:
    """One protobuf span."""
    return SpanRecord(
        trace_id=otlp.bytes_id(item.trace_id, 16),
        span_id=otlp.bytes_id(item.span_id, 8),
        parent_span_id=otlp.bytes_id(item.parent_span_id, 8),
        start_ns=item.start_time_unix_nano,
        end_ns=item.end_time_unix_nano,
        name=item.name,
        kind=item.kind or 1,
        status_code=item.status.code,
        status_message=item.status.message,
        attributes={**resource, **otlp.attributes_of(item.attributes)},
        events=[
            {"time_ns": event.time_unix_nano, "name": event.name, "attributes": otlp.attributes_of(event.attributes)}
            for event in item.events[:EVENTS_KEPT]
        ],
    )


def parse_json(body: bytes, now_ns: int) -> Parsed:
    """ExportTraceServiceRequest, JSON."""
    groups = otlp.objects(otlp.read_json(body), "resourceSpans")
    parsed = Parsed()
    shares = Shares("resource attributes")
    index = 0
    for group in groups:
        resource = otlp.json_attributes_of(otlp.section(group, "resource").get("attributes"))
        size = size_of(resource)
        for scope in otlp.objects(group, "scopeSpans"):
            for item in otlp.objects(scope, "spans"):
                otlp.check_count(index + 1)
                shares.count(size)
                keep(parsed, read_json_span(item, resource), index, now_ns)
                index += 1
    return parsed


def read_json_span(item: dict[str, Any], resource: dict[str, Any]) -> SpanRecord:
    """One JSON span."""
    status = otlp.section(item, "status")
    name, message = item.get("name"), status.get("message")
    return SpanRecord(
        trace_id=otlp.read_id(item.get("traceId"), 32),
        span_id=otlp.read_id(item.get("spanId"), 16),
        parent_span_id=otlp.read_id(item.get("parentSpanId"), 16),
        start_ns=otlp.read_integer(item.get("startTimeUnixNano"), 0),
        end_ns=otlp.read_integer(item.get("endTimeUnixNano"), 0),
        name=name if isinstance(name, str) else "",
        kind=otlp.read_integer(item.get("kind"), 1) or 1,
        status_code=otlp.read_integer(status.get("code"), 0),
        status_message=message if isinstance(message, str) else "",
        attributes={**resource, **otlp.json_attributes_of(item.get("attributes"))},
        events=[read_json_event(event) for event in otlp.objects(item, "events")[:EVENTS_KEPT]],
    )


def read_json_event(event: dict[str, Any]) -> dict[str, Any]:
    """One JSON span event."""
    name = event.get("name")
    return {
        "time_ns": otlp.read_integer(event.get("timeUnixNano"), 0),
        "name": name if isinstance(name, str) else "",
        "attributes": otlp.json_attributes_of(event.get("attributes")),
    }


def keep(parsed: Parsed, span: SpanRecord, index: int, now_ns: int) -> None:
    """Take the span and the records of its exceptions, or reject it by its index."""
    reason = why_not(span)
    if reason:
        parsed.rejections.append(Rejection(index, reason))
        return
    if span.end_ns < span.start_ns:
        span.end_ns = span.start_ns
    span.kind = span.kind if 1 <= span.kind <= 5 else 1
    span.status_code = span.status_code if span.status_code in (0, 1, 2) else 0
    plain = []
    for event in span.events:
        if event["name"] == "exception":
            otlp.check_count(len(parsed.records) + 1)  # many on each of many spans would be many times the limit
            parsed.records.append(exception_record(span, event, len(parsed.records), now_ns))
        else:
            plain.append(event)
    span.events = plain
    parsed.spans.append(span)


def why_not(span: SpanRecord) -> str | None:
    """The reason to reject a span, or None."""
    if not span.trace_id:
        return "traceId: 16 bytes (32 hex digits) that are not all zero are needed"
    if not span.span_id:
        return "spanId: 8 bytes (16 hex digits) that are not all zero are needed"
    if span.start_ns == 0:
        return "startTimeUnixNano: missing"
    return otlp.check_time(span.start_ns, "startTimeUnixNano") or otlp.check_time(span.end_ns, "endTimeUnixNano")


def exception_record(span: SpanRecord, event: dict[str, Any], sequence: int, now_ns: int) -> Record:
    """An exception event as an error record of its span: found by search, counted by rules, shown in the session."""
    attributes = event["attributes"]
    time_ns = event["time_ns"]
    inherited = {key: value for key, value in span.attributes.items() if not key.startswith(("http.response", "url."))}
    inherited.pop("http.status_code", None)  # the span is the request; its exception must not count as another
    return Record(
        timestamp_ns=time_ns if otlp.check_time(time_ns, "") is None and time_ns else span.start_ns,
        observed_ns=now_ns,
        sequence=sequence,
        severity_number=severity.ERROR,
        body=str(attributes.get("exception.message") or attributes.get("exception.type") or "exception"),
        event_name="exception",
        trace_id=span.trace_id,
        span_id=span.span_id,
        attributes={**inherited, **attributes},
    )
