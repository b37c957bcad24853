"""OTLP over HTTP, logs and traces, in both encodings: what is stored."""

import gzip
import json
import uuid

import pytest
from asgiref.sync import sync_to_async
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from diagnostics.core import clock, limits
from diagnostics.models import IngestBatch, RestrictedFields
from diagnostics.storage.restricted import unseal
from tests.ingest.otlp_messages import (
    JSON,
    MILLISECOND,
    PARENT,
    SPAN,
    TRACE,
    answer_of,
    encode,
    log,
    logs_of,
    now,
    pairs,
    post,
    records_of,
    span,
    spans_of,
    stored_spans,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("path", ["/v1/logs", "/otlp/v1/logs", "/v1/logs/"])
async def test_records_are_stored_with_their_fields(environment, key, encoding, path):
    sent = log(
        "payment failed", severityText="ERROR", traceId=TRACE, spanId=SPAN, eventName="payment",
        attributes=pairs(http__route="/pay", attempt=3, ratio=0.5, last=True),
    )  # fmt: skip
    answer = await post(key, path, encode(logs_of(sent, log("second"), service__name="shop"), encoding), encoding)
    assert answer.status_code == 200
    assert answer_of(answer, ExportLogsServiceResponse) == {}
    first, second = await records_of(environment)
    assert (first.body, second.body) == ("payment failed", "second")
    assert (first.severity_number, first.service_name, first.logger) == (17, "shop", "shop.cart")
    assert (first.trace_id, first.span_id) == (uuid.UUID(TRACE), SPAN)
    assert (first.event_name, first.http_route) == ("payment", "/pay")
    assert first.attributes == {"attempt": 3, "ratio": 0.5, "last": True}
    assert clock.to_ns(first.timestamp) + first.timestamp_ns == int(sent["timeUnixNano"])


@pytest.mark.parametrize("path", ["/v1/traces", "/otlp/v1/traces"])
async def test_each_span_is_stored_with_ids_parent_and_duration(environment, key, encoding, path):
    root = span("root", parentSpanId="", spanId=PARENT, status={"code": 2, "message": "gave up"})
    children = [span(f"child {number}", spanId=f"{number:016x}", kind=3) for number in range(1, 51)]
    body = encode(spans_of(root, *children, service__name="shop"), encoding)
    answer = await post(key, path, body, encoding)
    assert answer.status_code == 200
    assert answer_of(answer, ExportTraceServiceResponse) == {}
    found = await stored_spans(environment)
    assert len(found) == 51
    assert {one.trace_id for one in found} == {uuid.UUID(TRACE)}
    assert {one.service_name for one in found} == {"shop"}
    assert {one.duration_ns for one in found} == {12 * MILLISECOND}
    assert [one.span_id for one in found] == [PARENT, *(child["spanId"] for child in children)]
    assert [one.parent_span_id for one in found] == ["", *[PARENT] * 50]
    assert (found[0].name, found[0].kind, found[0].status_code, found[0].status_message) == ("root", 2, 2, "gave up")
    assert found[1].kind == 3
    first = clock.to_ns(found[0].timestamp) + found[0].timestamp_ns
    assert first == int(root["startTimeUnixNano"])
    batch = await sync_to_async(IngestBatch.objects.get)(environment=environment)
    assert (batch.records, batch.spans, batch.rejected) == (0, 51, 0)


async def test_an_exception_on_a_span_becomes_a_record_that_is_linked_to_it(environment, key, encoding):
    failure = {
        "timeUnixNano": str(now()),
        "name": "exception",
        "attributes": pairs(
            exception__type="ValueError", exception__message="no such cart", exception__stacktrace="Traceback frame"
        ),
    }
    retry = {"timeUnixNano": str(now()), "name": "retry", "attributes": pairs(attempt=2)}
    body = encode(spans_of(span(events=[retry, failure]), service__name="shop"), encoding)
    assert (await post(key, "/v1/traces", body, encoding)).status_code == 200
    (kept,) = await stored_spans(environment)
    (record,) = await records_of(environment)
    assert [event["name"] for event in kept.events] == ["retry"]
    assert (record.trace_id, record.span_id) == (kept.trace_id, kept.span_id)
    assert (record.body, record.event_name, record.severity) == ("no such cart", "exception", "error")
    assert (record.error_type, record.service_name) == ("ValueError", "shop")
    sealed = await sync_to_async(RestrictedFields.objects.get)(pk=record.pk)
    assert "Traceback frame" in str(unseal(bytes(sealed.ciphertext), environment.pk))
    assert "Traceback frame" not in str(record.attributes) + str(kept.events) + str(kept.attributes)


async def test_gzip_is_taken_in_both_encodings(environment, key, encoding):
    body = gzip.compress(encode(spans_of(span()), encoding))
    assert (await post(key, "/v1/traces", body, encoding, **{"Content-Encoding": "gzip"})).status_code == 200
    body = gzip.compress(encode(logs_of(log()), encoding))
    assert (await post(key, "/v1/logs", body, encoding, **{"Content-Encoding": "gzip"})).status_code == 200
    assert len(await stored_spans(environment)) == len(await records_of(environment)) == 1


async def test_an_empty_request_is_a_success(environment, key, encoding):
    body = b"{}" if encoding == JSON else b""
    for path in ("/v1/logs", "/v1/traces"):
        answer = await post(key, path, body, encoding)
        assert (answer.status_code, answer.content) == (200, body)


async def test_what_is_sent_again_is_stored_once_and_answered_alike(environment, key, encoding):
    late = [log(timeUnixNano=str(limits.LATEST_NS + 1)) for _ in range(limits.REPORTED_ERRORS + 10)]
    body = encode(logs_of(log("once"), *late), encoding)
    first = await post(key, "/v1/logs", body, encoding)
    second = await post(key, "/v1/logs", body, encoding)
    assert first.status_code == second.status_code == 200
    assert answer_of(first, ExportLogsServiceResponse) == answer_of(second, ExportLogsServiceResponse)
    assert [record.body for record in await records_of(environment)] == ["once"]


async def test_attributes_are_bounded_in_count_length_and_depth(environment, key, encoding):
    deep = {"stringValue": "bottom"}
    for _ in range(20):
        deep = {"kvlistValue": {"values": [{"key": "in", "value": deep}]}}
    many = pairs(**{f"a{number}": "x" for number in range(limits.ATTRIBUTES * 2)})
    sent = log(attributes=[{"key": "deep", "value": deep}, *pairs(long="word " * limits.VALUE_CHARS), *many])
    assert (await post(key, "/v1/logs", encode(logs_of(sent), encoding), encoding)).status_code == 200
    (record,) = await records_of(environment)
    assert len(record.attributes) <= limits.ATTRIBUTES + 2  # and the marks of what was dropped
    assert len(record.attributes["long"]) <= limits.VALUE_CHARS
    depth, value = 0, record.attributes["deep"]
    while isinstance(value, dict):
        depth, value = depth + 1, value["in"]
    assert (depth, value) == (limits.DEPTH, "[too deep]")


async def test_a_value_that_is_nested_without_end_does_no_harm(environment, key):
    nested = b'{"arrayValue":{"values":[' * 300 + b'{"intValue":"1"}' + b"]}}" * 300
    body = b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":' + nested + b"}]}]}]}"
    assert (await post(key, "/v1/logs", body, JSON)).status_code == 200
    assert len(await records_of(environment)) == 1


async def test_ids_in_json_are_hex_in_any_case_and_anything_else_is_no_id(environment, key):
    wrong = ["W47/95gDgQPSabYzgT/GDA==", TRACE[:-1], "0" * 32, "g" * 32, 7, None]
    body = logs_of(log(traceId=TRACE.upper(), spanId=SPAN.upper()), *(log(traceId=one, spanId=one) for one in wrong))
    assert (await post(key, "/v1/logs", encode(body, JSON), JSON)).status_code == 200
    first, *others = await records_of(environment)
    assert (first.trace_id, first.span_id) == (uuid.UUID(TRACE), SPAN)
    assert [(one.trace_id, one.span_id) for one in others] == [(None, "")] * len(wrong)


async def test_integers_in_json_may_be_texts_or_numbers(environment, key):
    stamp = now()
    attributes = [
        {"key": "as_text", "value": {"intValue": "-9223372036854775807"}},
        {"key": "as_number", "value": {"intValue": 42}},
        {"key": "no_number", "value": {"intValue": "many"}},
    ]
    body = logs_of(log(timeUnixNano=str(stamp), attributes=attributes), log(timeUnixNano=stamp, severityNumber="21"))
    assert (await post(key, "/v1/logs", encode(body, JSON), JSON)).status_code == 200
    first, second = await records_of(environment)
    assert first.attributes == {"as_text": -9223372036854775807, "as_number": 42, "no_number": None}
    assert [clock.to_ns(one.timestamp) + one.timestamp_ns for one in (first, second)] == [stamp, stamp]
    assert second.severity_number == 21


@pytest.mark.parametrize("number", ["99999999999999999999", "-9999999999999999999", 10**30])
async def test_an_integer_beyond_64_bits_does_not_break_its_request(environment, key, number):
    inner = {"kvlistValue": {"values": [{"key": "n", "value": {"intValue": number}}]}}
    body = logs_of(
        log("before"), log(body=inner), log(body={"intValue": number}, attributes=[{"key": "n", "value": inner}])
    )
    answer = await post(key, "/v1/logs", encode(body, JSON), JSON)
    assert answer.status_code == 200
    assert len(await records_of(environment)) == 3


async def test_unknown_fields_and_odd_values_in_json_are_ignored(environment, key):
    odd = {"attributes": "none", "severityNumber": True, "body": {"futureValue": 1}, "eventName": 7, "flags": 1}
    message = logs_of(log(), log(**odd))
    message["resourceLogs"][0]["schemaUrl"] = message["future"] = "https://example.org"
    assert (await post(key, "/v1/logs", encode(message, JSON), JSON)).status_code == 200
    assert [record.body for record in await records_of(environment)] == ["paid", ""]


async def test_a_structured_body_is_kept_as_json_text(environment, key, encoding):
    body = {"kvlistValue": {"values": pairs(order="A-17", paid=True, amount=12.5)}}
    assert (await post(key, "/v1/logs", encode(logs_of(log(body=body)), encoding), encoding)).status_code == 200
    (record,) = await records_of(environment)
    assert json.loads(record.body) == {"order": "A-17", "paid": True, "amount": 12.5}


async def test_a_record_without_a_time_gets_the_time_of_its_observation(environment, key, encoding):
    seen = now() - 60_000 * MILLISECOND
    body = logs_of(log("seen", timeUnixNano="0", observedTimeUnixNano=str(seen)), log("neither", timeUnixNano="0"))
    before = now()
    assert (await post(key, "/v1/logs", encode(body, encoding), encoding)).status_code == 200
    first, second = await records_of(environment)
    assert clock.to_ns(first.timestamp) + first.timestamp_ns == seen
    assert before - MILLISECOND <= clock.to_ns(second.timestamp) <= now()


async def test_a_span_that_ends_before_it_starts_lasts_no_time(environment, key, encoding):
    start = now()
    body = spans_of(span(startTimeUnixNano=str(start), endTimeUnixNano=str(start - MILLISECOND), kind=99))
    assert (await post(key, "/v1/traces", encode(body, encoding), encoding)).status_code == 200
    (found,) = await stored_spans(environment)
    assert (found.duration_ns, found.kind) == (0, 1)


async def test_server_spans_are_requests_in_the_sums(environment, key, encoding):
    served = span(attributes=pairs(http__route="/cart", http__response__status_code=503))
    body = encode(spans_of(served, span(kind=3), service__name="shop"), encoding)
    assert (await post(key, "/v1/traces", body, encoding)).status_code == 200
    batch = await sync_to_async(IngestBatch.objects.get)(environment=environment)
    ((_, source, service, route, _, counts, latency),) = batch.sums
    assert (source, service, route) == ("span", "shop", "/cart")
    assert counts == [0, 0, 0, 0, 1, 1, 0, 0, 1]
    assert sum(latency.values()) == 1
