"""OTLP logs at /v1/logs, protobuf and JSON."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from google.protobuf.message import DecodeError

from diagnostics.core import limits
from diagnostics.core.record import Parsed, Record, Rejection
from diagnostics.core.severity import DEFAULT, parse_severity
from diagnostics.ingest.formats import otlp, otlp_wire
from diagnostics.ingest.formats.otlp_wire import PAIRS
from diagnostics.ingest.formats.sharing import Shares, size_of


class OtlpLogsFormat(otlp.OtlpFormat):
    """The registry's entry."""

    name = "otlp-logs"

    def parse(self, body: bytes, content_type: str, now_ns: int) -> Parsed:
        """Records of the request, in its order."""
        return parse_json(body, now_ns) if content_type == otlp.JSON else parse_protobuf(body, now_ns)


def parse_protobuf(body: bytes, now_ns: int) -> Parsed:
    """ExportLogsServiceRequest, binary."""
    request = otlp_wire.Request()
    otlp.read_protobuf(request, body)
    if len(body) > otlp.LARGE:
        otlp.check_shape(request.resource_logs, "logs", "log_records")
    otlp.check_count(sum(len(s.log_records) for r in request.resource_logs for s in r.scope_logs))
    try:
        return read_groups(request.resource_logs, now_ns)
    except DecodeError:
        raise otlp.not_protobuf() from None


def read_groups(groups: Iterable[Any], now_ns: int) -> Parsed:
    """Every group's records; they share their resource. DecodeError from within an attribute or a body."""
    parsed = Parsed()
    shares = Shares("resource attributes")
    index = 0
    for group in groups:
        resource = read_pairs(group.resource.attributes)
        size = sum(map(len, group.resource.attributes))
        for scope in group.scope_logs:
            shares.count(size, len(scope.log_records))
            for record in read_records(scope.log_records, resource, scope.scope.name, index, now_ns):
                keep(parsed, record, record.sequence)
            index += len(scope.log_records)
    return parsed


def read_records(
    items: Sequence[Any], resource: dict[str, Any], scope: str, first: int, now_ns: int
) -> Iterable[Record]:
    """A scope's records, numbered from `first`. Each step is done for all of them before the next: see ADR 17."""
    attributes = [read_pairs(item.attributes) for item in items]
    bodies = [otlp_wire.decode_body(item.body) for item in items]
    return [
        read_proto_record(item, own, body, resource, scope, index, now_ns)
        for index, (item, own, body) in enumerate(zip(items, attributes, bodies, strict=True), first)
    ]


def read_pairs(raws: Iterable[bytes]) -> dict[str, Any]:
    """Attributes as a dictionary; most are remembered from other records."""
    recall, read = PAIRS.young.get, PAIRS.read
    return dict([recall(raw) or read(raw) for raw in raws])


def read_proto_record(
    item: Any, attributes: dict[str, Any], body: Any, resource: dict[str, Any], scope: str, index: int, now_ns: int
) -> Record:
    """One protobuf record. Its own attributes win over the resource's."""
    observed = item.observed_time_unix_nano
    number = item.severity_number
    return Record(
        timestamp_ns=item.time_unix_nano or observed or now_ns,
        observed_ns=observed or now_ns,
        sequence=index,
        severity_number=number if 1 <= number <= 24 else read_severity(number, item.severity_text),
        logger=scope,
        body=body if type(body) is str else text_of(body),
        event_name=item.event_name,
        trace_id=otlp.bytes_id(item.trace_id, 16),
        span_id=otlp.bytes_id(item.span_id, 8),
        attributes=attributes,
        resource=resource,
    )


def parse_json(body: bytes, now_ns: int) -> Parsed:
    """ExportLogsServiceRequest, JSON: hex ids, 64-bit integers as text, unknown fields ignored."""
    groups = otlp.objects(otlp.read_json(body), "resourceLogs")
    parsed = Parsed()
    shares = Shares("resource attributes")
    index = 0
    for group in groups:
        resource = otlp.json_attributes_of(otlp.section(group, "resource").get("attributes"))
        size = size_of(resource)
        for scope in otlp.objects(group, "scopeLogs"):
            name = otlp.section(scope, "scope").get("name")
            for item in otlp.objects(scope, "logRecords"):
                otlp.check_count(index + 1)
                shares.count(size)
                scope_name = name if isinstance(name, str) else ""
                keep(parsed, read_json_record(item, resource, scope_name, index, now_ns), index)
                index += 1
    return parsed


def read_json_record(item: dict[str, Any], resource: dict[str, Any], scope: str, index: int, now_ns: int) -> Record:
    """One JSON record."""
    observed = otlp.read_integer(item.get("observedTimeUnixNano"), 0)
    body = otlp.json_value_of(item.get("body"), otlp.MAX_DEPTH)
    event_name = item.get("eventName")
    severity_text = item.get("severityText")
    return Record(
        timestamp_ns=otlp.read_integer(item.get("timeUnixNano"), 0) or observed or now_ns,
        observed_ns=observed or now_ns,
        sequence=index,
        severity_number=read_severity(otlp.read_integer(item.get("severityNumber"), 0), severity_text),
        logger=scope,
        body=body if isinstance(body, str) else text_of(body),
        event_name=event_name if isinstance(event_name, str) else "",
        trace_id=otlp.read_id(item.get("traceId"), 32),
        span_id=otlp.read_id(item.get("spanId"), 16),
        attributes=otlp.json_attributes_of(item.get("attributes")),
        resource=resource,
    )


def keep(parsed: Parsed, record: Record, index: int) -> None:
    """Take the record, or reject it by its index."""
    if 0 < record.timestamp_ns <= limits.LATEST_NS and 0 < record.observed_ns <= limits.LATEST_NS:  # nearly always
        parsed.records.append(record)
        return
    reason = otlp.check_time(record.timestamp_ns, "timeUnixNano") or otlp.check_time(
        record.observed_ns, "observedTimeUnixNano"
    )
    if reason:
        parsed.rejections.append(Rejection(index, reason))
    else:
        parsed.records.append(record)


def read_severity(number: int, text: Any) -> int:
    """The number when it is one, else what the text says."""
    if 1 <= number <= 24:
        return number
    return parse_severity(text) or DEFAULT


def text_of(body: Any) -> str:
    """A structured body as JSON text."""
    return "" if body is None else orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS).decode()
