"""OTLP requests in both encodings, sent as exporters send them, and what became of them."""

import json

from asgiref.sync import sync_to_async
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from diagnostics.core import clock
from diagnostics.models import LogRecord, Span
from tests.factories import ingest_client

PROTOBUF, JSON = "application/x-protobuf", "application/json"
TRACE, SPAN, PARENT = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b173"


MILLISECOND = 1_000_000


async def post(key, path, content, content_type, **headers):
    async with ingest_client(key) as client:
        return await client.post(path, content=content, headers={"Content-Type": content_type, **headers})


def now():
    return clock.now_ns()


def pairs(**attributes):
    """An attribute list as OTLP's JSON has it; dots are written as two underscores."""
    kinds = {str: "stringValue", bool: "boolValue", int: "intValue", float: "doubleValue"}
    return [
        {"key": name.replace("__", "."), "value": {kinds[type(value)]: str(value) if type(value) is int else value}}
        for name, value in attributes.items()
    ]


def log(text="paid", **fields):
    return {"timeUnixNano": str(now()), "severityNumber": 17, "body": {"stringValue": text}, **fields}


def span(name="GET /cart", **fields):
    start = now()
    return {
        "traceId": TRACE, "spanId": SPAN, "parentSpanId": PARENT, "name": name, "kind": 2,
        "startTimeUnixNano": str(start), "endTimeUnixNano": str(start + 12 * MILLISECOND), **fields,
    }  # fmt: skip


def logs_of(*records, **resource):
    scope = {"scope": {"name": "shop.cart"}, "logRecords": records}
    return {"resourceLogs": [{"resource": {"attributes": pairs(**resource)}, "scopeLogs": [scope]}]}


def spans_of(*spans, **resource):
    return {"resourceSpans": [{"resource": {"attributes": pairs(**resource)}, "scopeSpans": [{"spans": spans}]}]}


IDS = {"traceId", "spanId", "parentSpanId"}


def encode(message, content_type):
    """A request, written as its JSON form, in either encoding."""
    if content_type == JSON:
        return json.dumps(message).encode()
    kind = ExportLogsServiceRequest if "resourceLogs" in message else ExportTraceServiceRequest
    return fill(kind(), message).SerializeToString()


def fill(target, values):
    """A protobuf message from OTLP's JSON form, which differs from protobuf's own in its ids: hex, not base64."""
    for field in target.DESCRIPTOR.fields:
        value = values.get(field.json_name)
        if value is None:
            continue
        if field.message_type is not None:
            many = isinstance(value, list | tuple)
            for item in value if many else [value]:
                inner = getattr(target, field.name)
                fill(inner.add() if many else inner, item)
                if not many:
                    inner.SetInParent()
        elif field.json_name in IDS:
            setattr(target, field.name, bytes.fromhex(value))
        else:
            setattr(target, field.name, int(value) if field.cpp_type in (1, 2, 3, 4, 8) else value)
    return target


def answer_of(answer, kind):
    """The answer's body, read as that message, whatever its encoding."""
    if answer.headers["content-type"] == JSON:
        return answer.json()
    assert answer.headers["content-type"] == PROTOBUF
    return MessageToDict(kind.FromString(answer.content))


@sync_to_async
def records_of(environment):
    return list(LogRecord.objects.filter(environment_id=environment.pk).order_by("id"))


@sync_to_async
def stored_spans(environment):
    return list(Span.objects.filter(environment_id=environment.pk).order_by("id"))
