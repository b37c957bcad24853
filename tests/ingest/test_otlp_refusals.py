"""What OTLP/HTTP does not take, as a whole or in part, and in which words: statuses, codes and counts of the specification."""

import gzip

import pytest
from asgiref.sync import sync_to_async
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from diagnostics.core import limits
from diagnostics.ingest import keys
from diagnostics.ingest.formats import otlp_traces
from diagnostics.storage.writer import QUEUED_ROWS, WRITER
from tests.factories import ingest_client, make_environment, make_key
from tests.ingest.otlp_messages import (
    JSON,
    PROTOBUF,
    answer_of,
    encode,
    log,
    logs_of,
    now,
    post,
    records_of,
    span,
    spans_of,
    stored_spans,
)

pytestmark = pytest.mark.django_db(transaction=True)


async def test_the_bad_records_of_a_request_are_counted_and_the_good_are_kept(environment, key, encoding):
    late = str(limits.LATEST_NS + 1)
    body = encode(logs_of(log("good"), log(timeUnixNano=late), log("good too"), log(timeUnixNano=late)), encoding)
    answer = await post(key, "/v1/logs", body, encoding)
    assert answer.status_code == 200
    partial = answer_of(answer, ExportLogsServiceResponse)["partialSuccess"]
    assert partial["rejectedLogRecords"] == "2"
    assert "timeUnixNano" in partial["errorMessage"]
    assert [record.body for record in await records_of(environment)] == ["good", "good too"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"traceId": ""}, "traceId"),
        ({"traceId": "0" * 32}, "traceId"),
        ({"spanId": "ab"}, "spanId"),
        ({"startTimeUnixNano": "0"}, "startTimeUnixNano"),
        ({"endTimeUnixNano": str(limits.LATEST_NS + 1)}, "endTimeUnixNano"),
    ],
)
async def test_a_bad_span_is_counted_and_the_good_are_kept(environment, key, encoding, wrong, named):
    body = encode(spans_of(span("good"), span(**wrong)), encoding)
    answer = await post(key, "/v1/traces", body, encoding)
    assert answer.status_code == 200
    partial = answer_of(answer, ExportTraceServiceResponse)["partialSuccess"]
    assert partial["rejectedSpans"] == "1"
    assert named in partial["errorMessage"]
    assert [one.name for one in await stored_spans(environment)] == ["good"]


async def test_spans_are_rejected_where_traces_are_switched_off(encoding):
    environment = await sync_to_async(make_environment)(tracing_enabled=False)
    key = await sync_to_async(make_key)(environment)
    bad = span(traceId="")
    answer = await post(key, "/v1/traces", encode(spans_of(span(), span(), bad), encoding), encoding)
    partial = answer_of(answer, ExportTraceServiceResponse)["partialSuccess"]
    assert partial["rejectedSpans"] == "3"
    assert await stored_spans(environment) == []


async def refused(answer, status, code, content_type):
    """A google.rpc.Status in the request's own encoding; returns its message."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == content_type
    if content_type == JSON:
        found = answer.json()
        assert found["code"] == code
        return found["message"]
    found = Status.FromString(answer.content)
    assert found.code == code
    return found.message


@pytest.mark.parametrize("path", ["/v1/logs", "/v1/traces"])
@pytest.mark.parametrize(
    "content_and_body",
    [
        (PROTOBUF, b"\xff\xff\xff"),
        (PROTOBUF, b'{"resourceLogs": []}'),
        (PROTOBUF, b"\x0a\x7f"),  # a field that ends too early
        (JSON, b"{"),
        (JSON, b"[]"),
        (JSON, b'{"resourceLogs": 7, "resourceSpans": 7}'),
        (JSON, b'{"resourceLogs": [7], "resourceSpans": [7]}'),
        (JSON, b"\xff"),
        (JSON, b'{"a":' * 5000),
    ],
    ids=lambda value: repr(value[1][:20]),
)
async def test_what_cannot_be_decoded_is_refused_as_a_bad_request(environment, key, path, content_and_body):
    content_type, body = content_and_body
    assert await refused(await post(key, path, body, content_type), 400, 3, content_type)
    assert await records_of(environment) == []


async def test_a_missing_wrong_or_revoked_key_is_refused(environment, encoding):
    record, text = await sync_to_async(keys.issue_key)(environment, "old")
    await sync_to_async(keys.revoke_key)(record)
    for wrong in (None, "dk_wrong", text):
        answer = await post(wrong, "/v1/traces", encode(spans_of(span()), encoding), encoding)
        assert "ingest key" in await refused(answer, 401, 16, encoding)
        assert answer.headers["www-authenticate"] == "Bearer"
    assert await stored_spans(environment) == []


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-ndjson", "application/grpc", ""])
async def test_another_media_type_is_refused_and_the_right_ones_are_named(key, content_type):
    message = await refused(await post(key, "/v1/logs", b"{}", content_type), 415, 3, PROTOBUF)
    assert PROTOBUF in message
    assert JSON in message


async def test_another_content_coding_is_refused(key, encoding):
    answer = await post(key, "/v1/logs", b"{}", encoding, **{"Content-Encoding": "lzma"})
    assert "gzip" in await refused(answer, 415, 3, encoding)


async def test_the_media_type_may_have_parameters_and_capitals(environment, key):
    answer = await post(key, "/v1/logs", encode(logs_of(log()), JSON), "Application/JSON; charset=utf-8")
    assert (answer.status_code, answer.headers["content-type"]) == (200, JSON)
    assert len(await records_of(environment)) == 1


async def test_only_post_is_answered(key):
    async with ingest_client(key) as client:
        answer = await client.get("/v1/traces")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_body_beyond_its_limit_is_refused_before_and_after_decompression(environment, key, encoding):
    answer = await post(key, "/v1/logs", b" " * (limits.BODY + 1), encoding)
    assert "20 MiB" in await refused(answer, 413, 8, encoding)
    bomb = gzip.compress(b" " * (limits.DECODED_BODY + 1))
    assert len(bomb) < 100 * limits.KIB
    answer = await post(key, "/v1/logs", bomb, encoding, **{"Content-Encoding": "gzip"})
    assert "64 MiB" in await refused(answer, 413, 8, encoding)
    assert await records_of(environment) == []


async def test_a_sender_is_told_to_wait_when_the_database_does_not_keep_up(environment, key, encoding, monkeypatch):
    monkeypatch.setattr(WRITER, "rows", QUEUED_ROWS + 1)
    answer = await post(key, "/v1/traces", encode(spans_of(span()), encoding), encoding)
    assert "again" in await refused(answer, 503, 14, encoding)
    assert int(answer.headers["retry-after"]) > 0


async def test_a_request_with_too_many_records_is_refused_as_a_whole(environment, key, encoding, monkeypatch):
    monkeypatch.setattr(limits, "RECORDS", 3)
    assert (await post(key, "/v1/logs", encode(logs_of(*[log()] * 3), encoding), encoding)).status_code == 200
    too_many = await post(key, "/v1/logs", encode(logs_of(*[log()] * 4), encoding), encoding)
    assert "smaller batches" in await refused(too_many, 400, 3, encoding)
    too_many = await post(key, "/v1/traces", encode(spans_of(*[span()] * 4), encoding), encoding)
    assert "smaller batches" in await refused(too_many, 400, 3, encoding)
    assert (len(await records_of(environment)), len(await stored_spans(environment))) == (3, 0)


async def test_exceptions_of_spans_count_as_records_against_the_limit(environment, key, encoding, monkeypatch):
    monkeypatch.setattr(limits, "RECORDS", 40)
    events = [{"timeUnixNano": str(now()), "name": "exception"}] * otlp_traces.EVENTS_KEPT
    answer = await post(key, "/v1/traces", encode(spans_of(span(events=events)), encoding), encoding)
    assert answer.status_code == 200
    answer = await post(key, "/v1/traces", encode(spans_of(*[span(events=events)] * 2), encoding), encoding)
    assert "smaller batches" in await refused(answer, 400, 3, encoding)
    assert len(await records_of(environment)) == otlp_traces.EVENTS_KEPT
