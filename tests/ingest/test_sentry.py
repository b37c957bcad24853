"""Sentry's envelopes as SDKs send them, and as they must not be."""

import gzip
import json
import uuid

import brotli
import orjson
import pytest
import zstandard
from asgiref.sync import sync_to_async

from diagnostics.models import RestrictedFields, Span
from diagnostics.storage.restricted import unseal
from tests.factories import ingest_client, make_environment, make_key
from tests.ingest.envelopes import SPAN, TRACE, envelope, error_event, rows, send

pytestmark = pytest.mark.django_db(transaction=True)


async def test_an_error_becomes_a_record_after_what_led_to_it(environment, key):
    event = error_event()
    answer = await send(key, envelope(("event", event), event_id=event["event_id"]))
    assert answer.status_code == 200
    first, second, main = await rows(environment)
    assert [first.event_name, second.event_name, main.event_name] == ["breadcrumb", "breadcrumb", ""]
    assert first.body == "GET /cart 200"
    assert "[email]" in second.body
    assert second.severity == "warn"  # what it tells of is not counted as another error
    assert (main.error_type, main.service_name, main.release, main.trace_hex) == (
        "KeyError",
        "checkout",
        "shop@2.4.1",
        TRACE,
    )
    assert main.http_method == "POST"
    assert main.client_network == "203.0.113.0/24"
    assert main.user_key
    assert main.user_key == first.user_key
    assert len({first.session_id, second.session_id, main.session_id}) == 1
    assert main.fingerprint
    text = json.dumps([[row.body, row.attributes] for row in (first, second, main)])
    for private in ("anna@example.com", "203.0.113.9", "4111111111111111", "hunter2", "price_of"):
        assert private not in text
    sealed = await RestrictedFields.objects.aget(pk=main.pk, timestamp=main.timestamp)
    restricted = unseal(bytes(sealed.ciphertext), environment.pk)
    assert 'File "pay.py", line 7, in price_of' in restricted["exception.stacktrace"]
    assert "hunter2" not in json.dumps(restricted)


async def test_breadcrumbs_that_come_again_are_kept_once(environment, key):
    for _ in range(2):
        event = error_event(tags={"service": "checkout", "session_id": "same"})
        await send(key, envelope(("event", event), event_id=event["event_id"]))
    assert [row.event_name for row in await rows(environment)].count("breadcrumb") == 2


async def test_breadcrumbs_of_another_environment_are_not_taken_for_repeated(environment, key):
    other = await sync_to_async(make_environment)()
    event = error_event(tags={"session_id": "same"})
    for one in (key, await sync_to_async(make_key)(other)):
        await send(one, envelope(("event", event), event_id=event["event_id"]))
    assert [row.event_name for row in await rows(other)].count("breadcrumb") == 2


@pytest.mark.parametrize("where", ["header", "event", "store"])
async def test_the_answer_names_the_event_each_time_it_comes(environment, key, where):
    event = error_event(breadcrumbs=None)
    named = {"event_id": event["event_id"]} if where == "header" else {}
    for moment in ("2026-01-15T08:00:00Z", "2026-01-15T08:00:09Z"):  # a retry says anew when it was sent
        body = envelope(("event", event), sent_at=moment, **named)
        path = "/api/1/envelope/"
        if where == "store":
            body, path = orjson.dumps(event), "/api/1/store/"
        answer = await send(key, body, path)
        assert (answer.status_code, answer.json()) == (200, {"id": event["event_id"]})
    assert len(await rows(environment)) == 1


@pytest.mark.parametrize("event_id", ["\x00", "a\x00b", "x" * 5000, 5, ["a"]])
@pytest.mark.parametrize("kind", ["event\x00", "\x00", "x" * 5000])
async def test_odd_ids_and_kinds_are_stored_sanely(environment, key, event_id, kind):
    body = envelope((kind, {}), ("event", error_event(breadcrumbs=None)), event_id=event_id)
    assert (await send(key, body)).status_code == 200
    assert len(await rows(environment)) == 1


async def test_an_event_that_is_sent_again_is_stored_once(environment, key):
    event = error_event()
    body = envelope(("event", event), event_id=event["event_id"])
    for _ in range(3):
        assert (await send(key, body)).status_code == 200
    assert [row.event_name for row in await rows(environment)].count("") == 1


async def test_a_transaction_becomes_spans(environment, key):
    event = {
        "type": "transaction", "transaction": "GET /products/{id}", "start_timestamp": 1_800_000_000.0, "timestamp": 1_800_000_000.5,
        "contexts": {"trace": {"trace_id": TRACE, "span_id": SPAN, "op": "http.server", "status": "internal_error"}, "response": {"status_code": 500}},
        "spans": [{"span_id": "00f067aa0ba902b7", "parent_span_id": SPAN, "op": "db.query", "description": "SELECT 1",
                   "start_timestamp": 1_800_000_000.1, "timestamp": 1_800_000_000.2}],
    }  # fmt: skip
    assert (await send(key, envelope(("transaction", event), event_id=uuid.uuid4().hex))).status_code == 200
    root, inner = [span async for span in Span.objects.filter(environment_id=environment.pk).order_by("timestamp")]
    assert (root.name, root.kind, root.status_code, root.http_status, root.http_route) == (
        "GET /products/{id}",
        2,
        2,
        500,
        "/products/{id}",
    )
    assert (inner.parent_span_id, inner.kind, inner.duration_ms, inner.trace_id) == (SPAN, 3, 100.0, root.trace_id)


async def test_log_entries_and_sessions_are_records(environment, key):
    log = {"items": [
        {"timestamp": 1_800_000_000.0, "trace_id": TRACE, "level": "warn", "body": "low stock",
         "attributes": {"logger.name": {"value": "shop", "type": "string"}, "left": {"value": 3, "type": "integer"}}},
    ]}  # fmt: skip
    begun = {
        "sid": "s-9",
        "did": "42",
        "init": True,
        "status": "ok",
        "timestamp": "2026-01-15T08:00:00Z",
        "attrs": {"release": "1"},
    }
    quiet = {"sid": "s-9", "status": "ok", "timestamp": "2026-01-15T08:00:01Z"}
    crashed = {"sid": "s-9", "status": "crashed", "timestamp": "2026-01-15T08:00:02Z"}
    body = envelope(("log", log), ("session", begun), ("session", quiet), ("session", crashed))
    assert (await send(key, body)).status_code == 200
    found = {row.body: row for row in await rows(environment)}
    assert set(found) == {"low stock", "session ok", "session crashed"}
    assert found["low stock"].attributes["left"] == 3
    assert found["low stock"].logger == "shop"
    assert found["session crashed"].session_id == "s-9"


async def test_sums_of_sessions_are_one_record_each_and_empty_ones_none(environment, key):
    sums = {
        "aggregates": [
            {"started": "2026-01-15T08:00:00Z", "exited": 123, "errored": 4, "crashed": 1, "wrong": 9},
            {"started": "2026-01-15T08:01:00Z", "did": "42", "exited": 7, "errored": "many", "crashed": -1},
            {"started": "2026-01-15T08:02:00Z", "exited": 0},
            "nothing",
        ],
        "attrs": {"release": "2.1", "environment": "production"},
    }
    assert (await send(key, envelope(("sessions", sums)))).status_code == 200
    found = sorted(await rows(environment), key=lambda row: row.timestamp)
    assert [(row.body, row.severity_number, row.release) for row in found] == [
        ("sessions: 123 exited, 4 errored, 1 crashed", 13, "2.1"), ("sessions: 7 exited", 9, "2.1"),
    ]  # fmt: skip
    assert found[0].attributes == {"sessions.exited": 123, "sessions.errored": 4, "sessions.crashed": 1}
    assert found[1].user_key
    assert found[1].user_key != "42"


async def test_unknown_items_are_skipped_and_the_others_kept(environment, key):
    event = error_event(breadcrumbs=None)
    body = envelope(
        ("replay_recording", b"\x00\x01\nbinary"), ("client_report", {}), ("event", event), ("new_thing", {"a": 1})
    )
    assert (await send(key, body)).status_code == 200
    assert len(await rows(environment)) == 1


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstandard.compress), ("identity", bytes)],
)
async def test_each_coding_of_the_sdks_is_read(environment, key, coding, pack):
    event = error_event(breadcrumbs=None)
    assert (await send(key, pack(envelope(("event", event))), **{"Content-Encoding": coding})).status_code == 200
    assert len(await rows(environment)) == 1


@pytest.mark.parametrize("pack", [brotli.compress, zstandard.compress])
async def test_a_small_body_that_becomes_huge_is_refused(key, pack):
    coding = "br" if pack is brotli.compress else "zstd"
    answer = await send(key, pack(b" " * (80 * 1024 * 1024)), **{"Content-Encoding": coding})
    assert answer.status_code == 413


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip"])
async def test_a_body_that_is_not_what_it_says_is_refused(key, coding):
    assert (await send(key, b"plain text", **{"Content-Encoding": coding})).status_code == 400


async def test_the_key_may_stand_in_the_query_or_in_the_dsn(environment, key):
    body = envelope(("event", error_event(breadcrumbs=None)))
    assert (await send("", body, f"/api/7/envelope/?sentry_key={key}&sentry_version=7")).status_code == 200
    body = envelope(("event", error_event(breadcrumbs=None)), dsn=f"https://{key}@diagnostics.example/7")
    assert (await send("", body)).status_code == 200
    assert len(await rows(environment)) == 2


@pytest.mark.parametrize("key_text", ["", "dk_unknown"])
async def test_without_a_known_key_it_is_403_and_says_why(key_text, transactional_db):
    answer = await send(key_text, envelope(("event", error_event())))
    assert answer.status_code == 403
    assert "key" in answer.headers["x-sentry-error"]
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_browsers_may_ask_first(transactional_db):
    async with ingest_client() as client:
        answer = await client.options("/api/1/envelope/", headers={"Origin": "https://shop.example"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "x-sentry-auth" in answer.headers["access-control-allow-headers"]


async def test_single_events_are_taken_at_store(environment, key):
    answer = await send(key, orjson.dumps(error_event(breadcrumbs=None)), "/api/1/store/")
    assert answer.status_code == 200
    assert len(await rows(environment)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"[]",
        b"{",
        b'{"a":1}\n{"type":"event","length":99}\n{}',
        b'{}\n"x"\n{}',
        b'{}\n{"type":"event","length":-1}\n{}',
    ],
)
async def test_malformed_envelopes_get_400(key, body):
    assert (await send(key, body)).status_code == 400


@pytest.mark.parametrize(
    "event",
    [
        {}, {"exception": [1, None, {"type": 3}]}, {"exception": {"values": "x"}}, {"breadcrumbs": [[], 1]}, {"user": []},
        {"contexts": {"trace": 7}}, {"tags": [["a"], ["b", {"c": 1}]]}, {"request": {"headers": [["User-Agent"], 1]}},
        {"timestamp": {"a": 1}}, {"timestamp": 1e300}, {"level": []}, {"message": {"formatted": ["x"]}}, {"extra": {"\u0000": "\u0000"}},
    ],
)  # fmt: skip
async def test_odd_events_are_kept_as_far_as_they_can_be_read(environment, key, event):
    assert (await send(key, envelope(("event", event)))).status_code == 200
    assert len(await rows(environment)) == 1
