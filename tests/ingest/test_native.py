"""Plain JSON: what is accepted, what is refused, and what is stored."""

import gzip

import orjson
import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async

from diagnostics.ingest import keys
from diagnostics.ingest.formats.times import read_time
from diagnostics.models import IngestBatch, LogRecord, RestrictedFields
from diagnostics.pipeline.parts import read_parts
from diagnostics.pipeline.pseudonym import user_key
from diagnostics.privacy.pseudonyms import present_key
from tests.factories import ingest_client, make_key, send_json
from tests.privacy.dump import tables_with

pytestmark = pytest.mark.django_db(transaction=True)


@sync_to_async
def stored(environment):
    return list(LogRecord.objects.filter(environment_id=environment.pk).order_by(*LogRecord.ORDER))


async def test_it_stores_one_object_clean_and_enriched(environment, key):
    answer = await send_json(
        key,
        {
            "timestamp": "2026-01-02T03:04:05.123456789Z",
            "level": "error",
            "service": "checkout",
            "message": "payment of jane.doe@example.com failed",
            "user_id": "u-17",
            "session_id": "s-1",
            "client.address": "93.184.216.34",
            "http.status_code": 502,
        },
    )
    assert answer.status_code == 200
    assert answer.json() == {"accepted": 1, "rejected": 0, "errors": []}
    (record,) = await stored(environment)
    assert record.severity == "error"
    assert record.service_name == "checkout"
    assert "jane.doe" not in record.body
    assert record.timestamp.isoformat() == "2026-01-02T03:04:05.123456+00:00"
    assert record.timestamp_ns == 789
    assert record.user_key == user_key(present_key(environment), "u-17")
    assert record.client_network == "93.184.216.0/24"
    assert record.http_status == 502
    assert record.session_id == "s-1"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"message": "one"}', 1),
        (b'[{"message": "one"}, {"message": "two"}]', 2),
        (b'{"message": "one"}\n\n{"message": "two"}\n', 2),
        (b"\xef\xbb\xbf" + b'{"message": "with a byte order mark"}', 1),
        (b"[]", 0),
    ],
)
async def test_it_reads_an_object_an_array_and_lines(environment, key, body, expected):
    answer = await send_json(key, body)
    assert answer.json()["accepted"] == expected
    assert len(await stored(environment)) == expected


async def test_it_rejects_bad_records_by_index_and_keeps_the_others(environment, key):
    answer = await send_json(
        key, [{"message": "good"}, 7, {"message": "old", "timestamp": "1812-06-24T00:00:00Z"}, {"message": "good too"}]
    )
    assert answer.status_code == 200
    found = answer.json()
    assert (found["accepted"], found["rejected"]) == (2, 2)
    assert [error["index"] for error in found["errors"]] == [1, 2]
    assert "object" in found["errors"][0]["reason"]
    assert "1970" in found["errors"][1]["reason"]
    assert [record.body for record in await stored(environment)] == ["good", "good too"]


async def test_it_rejects_a_bad_line_of_many(environment, key):
    answer = await send_json(key, b'{"message": "a"}\n{"message": \n{"message": "b"}')
    assert answer.json()["accepted"] == 2
    assert answer.json()["errors"][0]["index"] == 1


@pytest.mark.parametrize("body", [b"", b"   ", b"{", b"nonsense", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}'])
async def test_it_refuses_what_is_not_json(environment, key, body):
    answer = await send_json(key, body)
    assert answer.status_code == 400
    assert "body" in answer.json()["error"]["message"]
    assert await stored(environment) == []


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer nonsense", "Basic abc", "Bearer " + "x" * 100_000])
async def test_it_asks_for_a_key_before_it_reads(environment, header):
    async with ingest_client() as client:
        headers = {} if header is None else {"Authorization": header}
        answer = await client.post("/api/v1/logs", content=b"never read", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_revoked_key_stops_working(environment):
    record, text = await sync_to_async(keys.issue_key)(environment, "old")
    assert (await send_json(text, {"message": "a"})).status_code == 200
    await sync_to_async(keys.revoke_key)(record)
    keys.CACHE.clear()  # the seconds for which a key is believed
    assert (await send_json(text, {"message": "b"})).status_code == 401
    await sync_to_async(record.refresh_from_db)()
    assert record.last_used_at is not None


async def test_it_takes_gzip_and_bounds_what_comes_out(environment, key):
    small = gzip.compress(b'{"message": "small"}')
    assert (await send_json(key, small, **{"Content-Encoding": "gzip"})).status_code == 200
    two_members = gzip.compress(b'{"message": "a"}\n') + gzip.compress(b'{"message": "b"}')
    assert (await send_json(key, two_members, **{"Content-Encoding": "gzip"})).json()["accepted"] == 2
    bomb = gzip.compress(b" " * (65 * 1024 * 1024))
    assert (await send_json(key, bomb, **{"Content-Encoding": "gzip"})).status_code == 413
    assert (await send_json(key, small[:-9], **{"Content-Encoding": "gzip"})).status_code == 400
    assert (await send_json(key, b"{}", **{"Content-Encoding": "gzip"})).status_code == 400
    assert (await send_json(key, b"{}", **{"Content-Encoding": "lzma"})).status_code == 415


async def test_it_refuses_a_body_beyond_its_limit(key):
    answer = await send_json(key, b" " * (20 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "20 MiB" in answer.json()["error"]["message"]


async def test_the_same_idempotency_key_is_stored_once_and_answered_alike(environment, key):
    body = [{"message": "once"}, 7]
    first = await send_json(key, body, **{"Idempotency-Key": "k-1"})
    second = await send_json(key, body, **{"Idempotency-Key": "k-1"})
    assert first.json() == second.json()
    assert len(await stored(environment)) == 1


async def test_of_an_idempotency_key_only_a_keyed_hash_is_stored(environment, key):
    await send_json(key, [{"message": "once"}], **{"Idempotency-Key": "order of jane@example.com"})
    kept = await IngestBatch.objects.aget(environment=environment)
    assert len(kept.idempotency_key) == 40
    assert "jane" not in kept.idempotency_key
    assert await database_sync_to_async(tables_with)("jane@example.com") == []


async def test_poison_values_are_stored_sanely(environment, key):
    body = rb'{"message": "nul \u0000 here", "a\u0000b": {"deep": "\u0000"}, "big": 123456789012345678901234567890}'
    answer = await send_json(key, body)
    assert answer.status_code in (200, 400)
    lone = await send_json(key, rb'{"message": "lone \ud800 surrogate"}')
    assert lone.status_code in (200, 400)
    ok = await send_json(key, {"message": "still alive"})
    assert ok.json()["accepted"] == 1


async def test_stack_traces_go_encrypted_to_their_own_table(environment, key):
    await send_json(
        key,
        {"message": "boom", "level": "error", "exception.stacktrace": "Traceback secret-frame", "exception.type": "E"},
    )
    (record,) = await stored(environment)
    assert record.has_restricted
    assert "secret-frame" not in orjson.dumps(record.attributes).decode() + record.body
    sealed = await sync_to_async(RestrictedFields.objects.get)(pk=record.pk)
    assert b"secret-frame" not in bytes(sealed.ciphertext)


async def test_the_batch_holds_receipt_and_sums(environment, key):
    await send_json(
        key, [{"message": "a", "level": "error", "service": "web", "http.status_code": 503, "session_id": "s"}]
    )
    batch = await sync_to_async(IngestBatch.objects.get)(environment=environment)
    assert (batch.records, batch.rejected, batch.digested_at) == (1, 0, None)
    ((_, source, service, _, _, counts, _),) = batch.sums
    assert (source, service) == ("log", "web")
    assert counts == [1, 0, 1, 0, 1, 1, 0, 0, 1]
    assert read_parts(batch.sessions)[0][0] == "s"


async def test_get_on_the_address_belongs_to_the_api():
    async with ingest_client() as client:
        assert (await client.get("/api/v1/logs")).status_code != 405
        assert (await client.get("/v1/logs")).status_code == 405


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"level": 30}, "info"), ({"level": 50}, "error"), ({"levelno": 30}, "warn"), ({"levelno": 20}, "info"),
        ({"severity_number": 17}, "error"), ({"level": "warning"}, "warn"), ({"level": True}, "info"), ({"level": 4000}, "info"),
    ],
)  # fmt: skip
async def test_numbers_of_levels_are_read_as_their_writers_mean_them(environment, key, fields, severity):
    await send_json(key, {"message": "x", **fields})
    (record,) = await stored(environment)
    assert record.severity == severity


ECS = {
    "http": {"response": {"status_code": 500, "body": {"bytes": 12}}, "request": {"method": "GET", "id": "r-7"}}, "url": {"path": "/orders/42"},
    "client": {"ip": "81.2.69.142"}, "event": {"duration": 125_000_000}, "user_agent": {"original": "Mozilla/5.0 Firefox/128.0"},
    "error": {"type": "KeyError", "stack_trace": "x\n    at f (a.js:1:2)"}, "log": {"level": "error", "logger": "shop"}, "host": {"name": "n-1"},
    "service": {"name": "shop"}, "trace": {"id": "a" * 32}, "user": {"id": "u-1"}, "message": "failed",
}  # fmt: skip


async def test_nested_ecs_fills_what_dotted_names_fill(environment, key):
    await send_json(key, ECS)
    (record,) = await stored(environment)
    assert (record.http_status, record.http_method, record.http_route, record.duration_ms) == (
        500,
        "GET",
        "/orders/{id}",
        125.0,
    )
    assert (record.client_network, record.browser.split()[0], record.request_id) == ("81.2.69.0/24", "Firefox", "r-7")
    assert (record.error_type, record.severity, record.logger, record.service_name) == (
        "KeyError",
        "error",
        "shop",
        "shop",
    )
    assert record.trace_hex == "a" * 32
    assert record.user_key
    assert record.attributes == {"http.response.body.bytes": 12, "url.path": "/orders/42", "host.name": "n-1"}


async def test_people_in_a_group_stay_beside_their_contact_data(environment, key):
    nested = {
        "client": {"nome": "Giulia Bianchi", "email": "g@example.com"},
        "event": {"by": {"name": "Anna Schmidt", "email": "a@example.com"}},
    }
    await send_json(key, {"message": "x", **nested})
    (record,) = await stored(environment)
    assert not any(name in str(record.attributes) + record.event_name for name in ("Giulia", "Schmidt", "example.com"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"levelname": "ERROR", "asctime": "2026-11-27 22:00:00,123", "message": "x"}, ("error", "x", "2026-11-27T22:00:00.123000+00:00")),
        ({"@t": "2026-11-27T22:00:00.1Z", "@l": "Warning", "@m": "x", "@mt": "{X}"}, ("warn", "x", "2026-11-27T22:00:00.100000+00:00")),
        ({"@t": "2026-11-27T22:00:00Z", "@mt": "x"}, ("info", "x", "2026-11-27T22:00:00+00:00")),
    ],
)  # fmt: skip
async def test_other_loggers_names_are_understood(environment, key, fields, said):
    await send_json(key, fields)
    (record,) = await stored(environment)
    assert (record.severity, record.body, record.timestamp.isoformat()) == said


async def test_an_empty_time_is_none(environment, key):
    assert (await send_json(key, {"message": "x", "timestamp": "", "ts": 1_767_323_045})).json()["accepted"] == 1
    (record,) = await stored(environment)
    assert record.timestamp.isoformat() == "2026-01-02T03:04:05+00:00"


NOON = 1_767_355_200 * 10**9  # 2026-01-02 12:00


@pytest.mark.parametrize(
    ("written", "nanoseconds"),
    [
        ("2026-01-02T11:59:60Z", NOON), ("2026-01-02 11:59:60.5", NOON + 500_000_000), ("2026-01-02 12:00:00 UTC", NOON), ("2026-01-02 12:00:00 GMT", NOON),
        ("2026-01-02 12:00:00.123456789 +0000 UTC", NOON + 123_456_789), ("2026-01-02 13:00:00 +0100 CET m=+0.000012", NOON),
        ("2026-01-02T13:00:00+01:00", NOON), ("1767355200.123456789", NOON + 123_456_789), ("1767355200123.5", NOON + 123_500_000), (1767355200, NOON),
    ],
)  # fmt: skip
def test_times_are_read_as_they_are_written(written, nanoseconds):
    assert read_time("ts", written) == nanoseconds


@pytest.mark.parametrize(
    "written",
    [
        "never",
        "2026-01-02 12:00:00 CET",
        "2026-13-02 12:00:00 UTC",
        "2026-01-02T12:00:61Z",
        "9999-12-31T23:59:60Z",
        [],
        True,
    ],
)
def test_what_is_no_time_is_told(written):
    with pytest.raises(ValueError, match="ts: "):
        read_time("ts", written)


async def test_the_same_idempotency_key_of_another_ingest_key_is_another(environment, key):
    other = await sync_to_async(make_key)(environment)
    await send_json(other, [{"message": "noise"}], **{"Idempotency-Key": "import-1"})
    answer = await send_json(key, [{"message": "one"}, {"message": "two"}], **{"Idempotency-Key": "import-1"})
    assert answer.json()["accepted"] == 2
    assert await LogRecord.objects.filter(environment_id=environment.pk).acount() == 3
