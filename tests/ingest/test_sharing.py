"""What stands in each of many records though it is sent once: bounded by what it comes to."""

import cramjam
import orjson
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from diagnostics.core.errors import TooLarge
from diagnostics.ingest.formats.loki_messages import PushRequest
from diagnostics.ingest.formats.sentry_event import read_event
from diagnostics.ingest.formats.sentry_transaction import read_transaction
from diagnostics.ingest.routes import OTLP_LOGS, OTLP_TRACES, find_format

LOKI = find_format("/loki/api/v1/push")
NOW = 1_800_000_000_000_000_000
LONG = [(f"a{number}", "x" * 2_000) for number in range(100)]  # 200 kB


def otlp_json(groups, scopes, items, item, times):
    pairs = [{"key": name, "value": {"stringValue": value}} for name, value in LONG]
    group = {"resource": {"attributes": pairs}, scopes: [{items: [item] * times}]}
    return orjson.dumps({groups: [group]})


def otlp_protobuf(request, groups, scopes, items, times):
    group = getattr(request, groups).add()
    for name, value in LONG:
        group.resource.attributes.add(key=name).value.string_value = value
    records = getattr(getattr(group, scopes).add(), items)
    for _ in range(times):
        records.add(trace_id=b"1" * 16, span_id=b"2" * 8)
    return request.SerializeToString()


def loki_protobuf(times):
    request = PushRequest()
    stream = request.streams.add(labels="{" + ",".join(f'{name}="{value[:80]}"' for name, value in LONG) + "}")
    for _ in range(times):
        stream.entries.add(line="q")
    return bytes(cramjam.snappy.compress_raw(request.SerializeToString()))


SPAN = {"traceId": "1" * 32, "spanId": "2" * 16, "startTimeUnixNano": str(NOW), "endTimeUnixNano": str(NOW)}
BODIES = {
    "logs": (OTLP_LOGS, "application/json", lambda n: otlp_json("resourceLogs", "scopeLogs", "logRecords", {}, n)),
    "spans": (OTLP_TRACES, "application/json", lambda n: otlp_json("resourceSpans", "scopeSpans", "spans", SPAN, n)),
    "logs, protobuf": (
        OTLP_LOGS,
        "application/x-protobuf",
        lambda n: otlp_protobuf(ExportLogsServiceRequest(), "resource_logs", "scope_logs", "log_records", n),
    ),
    "spans, protobuf": (
        OTLP_TRACES,
        "application/x-protobuf",
        lambda n: otlp_protobuf(ExportTraceServiceRequest(), "resource_spans", "scope_spans", "spans", n),
    ),
    "streams": (
        LOKI,
        "application/json",
        lambda n: orjson.dumps({"streams": [{"stream": dict(LONG), "values": [[str(NOW), "q"]] * n}]}),
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_small_body_that_comes_to_gigabytes_is_refused(name):
    wire_format, kind, make = BODIES[name]
    with pytest.raises(TooLarge, match="in each of their records, which is more than 64 MiB in all; send smaller"):
        wire_format.parse(make(1_000), kind, NOW)
    parsed = wire_format.parse(make(100), kind, NOW)
    assert len(parsed.records) + len(parsed.spans) + len(parsed.rejections) == 100


def test_so_are_labels_of_a_push():
    with pytest.raises(TooLarge, match="labels: they stand"):
        LOKI.parse(loki_protobuf(15_000), "application/x-protobuf", NOW)
    assert len(LOKI.parse(loki_protobuf(1_000), "application/x-protobuf", NOW).records) == 1_000


def test_what_is_long_about_a_transaction_or_an_event_stands_in_it_alone():
    for more, shared in (({"order": "42"}, True), (dict(LONG), False)):
        around = {
            "timestamp": 1_800_000_000.5,
            "start_timestamp": 1_800_000_000,
            "extra": more,
            "tags": {"tier": "gold"},
        }
        trace = {"contexts": {"trace": {"trace_id": "1" * 32, "span_id": "2" * 16}}}
        inner = [{"span_id": f"{number:016x}", "start_timestamp": 1_800_000_000} for number in range(1, 500)]
        root, *spans = read_transaction({**around, **trace, "spans": inner}, "", NOW)
        crumbs = [{"message": f"step {number}"} for number in range(50)]
        *steps, event = read_event({**around, "breadcrumbs": crumbs, "message": "boom"}, "e", NOW, {})
        name = next(iter(more))
        assert name in root.attributes
        assert name in event.attributes
        assert [name in one.attributes for one in (*spans, *steps)] == [shared] * 549
