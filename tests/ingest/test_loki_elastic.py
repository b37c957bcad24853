"""Loki's push and Elasticsearch's bulk, as shippers send them."""

import base64
import time

import cramjam
import orjson
import pytest

from diagnostics.core import severity
from diagnostics.ingest.formats.line_level import level_in
from diagnostics.ingest.formats.loki import read_labels
from diagnostics.ingest.formats.loki_messages import PushRequest
from diagnostics.models import LogRecord
from tests.factories import ingest_client

pytestmark = pytest.mark.django_db(transaction=True)


async def post(key, path, body, content_type="application/json", **headers):
    async with ingest_client(key) as client:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return await client.post(path, content=content, headers={"Content-Type": content_type, **headers})


async def rows(environment):
    return [row async for row in LogRecord.objects.filter(environment_id=environment.pk).order_by("sequence")]


def stream(*values, **labels):
    return {"streams": [{"stream": labels, "values": list(values)}]}


async def test_loki_lines_become_records_and_the_answer_is_204(environment, key):
    now = str(time.time_ns())
    body = stream(
        [now, "level=error payment failed"], [now, "fine", {"trace_id": "a" * 32}], app="checkout", level="warn"
    )
    answer = await post(key, "/loki/api/v1/push", body)
    assert (answer.status_code, answer.content) == (204, b"")
    first, second = await rows(environment)
    assert (first.service_name, first.severity, first.body) == ("checkout", "warn", "level=error payment failed")
    assert second.trace_hex == "a" * 32
    assert second.timestamp_ns == int(now) % 1000


async def test_loki_levels_are_read_from_the_line_where_no_label_says_it(environment, key):
    now = str(time.time_ns())
    await post(key, "/loki/api/v1/push", stream([now, "2027-01-01 ERROR boom"], [now, "all errors are gone"], app="x"))
    assert [row.severity for row in await rows(environment)] == ["error", "info"]


@pytest.mark.parametrize("coding", [{}, {"Content-Encoding": "snappy"}])
async def test_loki_takes_snappy_protobuf(environment, key, coding):
    request = PushRequest()
    labels = '{app="agent", env="pro\\"d"}'
    pushed = request.streams.add(labels=labels)
    entry = pushed.entries.add(line="from an agent")
    entry.timestamp.seconds = int(time.time())
    entry.metadata.add(name="pod", value="p-1")
    body = bytes(cramjam.snappy.compress_raw(request.SerializeToString()))
    answer = await post(key, "/loki/api/v1/push", body, "application/x-protobuf", **coding)
    assert answer.status_code == 204
    (row,) = await rows(environment)
    assert (row.service_name, row.body, row.attributes["pod"], row.attributes["env"]) == (
        "agent",
        "from an agent",
        "p-1",
        'pro"d',
    )


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("level=error ts=2027-01-01T00:00:00Z msg=x", "error"), ('ts=2027-01-01T00:00:00Z caller=a.go:1 level="warn" msg=x', "warn"),
        ('{"level":"error","msg":"x"}', "error"), ('{"msg":"error","level":40}', "warn"), ('{"msg":"ERROR"}', "info"), ("{broken ERROR", "info"),
        ("E1127 10:00:00.000000       1 main.go:7] boom", "error"), ("W1127 10:00:00.000000 1 x.go:1] y", "warn"),
        ("No error found", "info"), ("0 errors, no fatal ones", "info"), ("[ERROR] boom", "error"), ("Warning: low", "warn"),
        ("2027-01-01 10:00:00,123 - shop.pay - ERROR - boom", "error"), ("2027-01-01T10:00:00.1Z [main] WARN c.Shop: x", "warn"),
        ("2027-01-01 10:00:00 no error found", "info"), ("Jan  5 03:04:05 host app: CRITICAL x", "fatal"), ("error=none all fine", "info"),
        ("[main] error boom", "error"), ("{", "info"), ("", "info"), ("level=never ERROR", "info"),
    ],
)  # fmt: skip
async def test_the_level_stands_where_loggers_put_it(line, level):
    assert severity.band_of(level_in(line) or severity.DEFAULT) == level


async def test_a_label_that_says_no_level_stays_and_the_line_is_asked(environment, key):
    now = str(time.time_ns())
    body = stream(
        [now, "level=warn x", {"spanID": "b" * 16, "traceID": "a" * 32}], app="x", level="unknown", severity="?"
    )
    await post(key, "/loki/api/v1/push", body)
    (row,) = await rows(environment)
    assert (row.severity, row.attributes["level"], row.trace_hex, row.span_id) == (
        "warn",
        "unknown",
        "a" * 32,
        "b" * 16,
    )


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        (r'{a="x\ny\t\"z\"", b="C:\\n"}', {"a": 'x\ny\t"z"', "b": "C:\\n"}),
        (r'{a="\u00e9\x41\U0001F600\UFFFFFFFF"}', {"a": "éA😀\ufffd"}),
    ],
)  # fmt: skip
async def test_labels_are_unquoted_as_go_quotes_them(text, labels):
    assert read_labels(text) == labels


async def test_loki_takes_the_older_shape(environment, key):
    body = {"streams": [{"labels": '{job="old"}', "entries": [{"ts": "2027-01-01T00:00:00Z", "line": "older"}]}]}
    assert (await post(key, "/loki/api/v1/push", body)).status_code == 204
    assert (await rows(environment))[0].service_name == "old"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400), ({"streams": 1}, "application/json", 400), ({"streams": [{"stream": 1}]}, "application/json", 400),
        (stream(["x", "y"]), "application/json", 400), (b"\xff\xff\xff\xff\x0f", "application/x-protobuf", 413), (b"\xff" * 5, "application/x-protobuf", 400),
        (b"\x04notsnappy", "application/x-protobuf", 400), (b"", "application/json", 400), (b"x", "application/xml", 415),
    ],
)  # fmt: skip
async def test_loki_says_in_plain_text_what_is_wrong(key, body, content_type, status):
    answer = await post(key, "/loki/api/v1/push", body, content_type)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.content.strip()


async def test_basic_authentication_takes_the_key_as_password(environment, key):
    token = base64.b64encode(f"anybody:{key}".encode()).decode()
    body = stream([str(time.time_ns()), "basic"], app="x")
    assert (await post("", "/loki/api/v1/push", body, Authorization=f"Basic {token}")).status_code == 204


def bulk(*lines):
    return b"\n".join(orjson.dumps(line) for line in lines) + b"\n"


async def test_bulk_keeps_documents_and_answers_each_by_its_place(environment, key):
    body = bulk(
        {"create": {"_index": "logs"}}, {"@timestamp": "2027-01-01T00:00:00Z", "message": "one", "log": {"level": "error"}},
        {"index": {}}, {"@timestamp": "never", "message": "two"},
        {"delete": {"_id": "1"}},
        {"create": {}}, {"message": "three", "service": {"name": "shop"}},
    )  # fmt: skip
    answer = (await post(key, "/elastic/_bulk", body, "application/x-ndjson")).json()
    assert answer["errors"] is True
    said = [(name, told["status"], told["_index"]) for item in answer["items"] for name, told in item.items()]
    assert said == [
        ("create", 201, "logs"),
        ("index", 400, "diagnostics"),
        ("delete", 400, "diagnostics"),
        ("create", 201, "diagnostics"),
    ]
    first, last = await rows(environment)
    assert (first.body, first.severity) == ("one", "error")
    assert (last.body, last.service_name) == ("three", "shop")


@pytest.mark.parametrize("body", [b"", b"{}\n{}\n", b'{"create":{}}\n', b"nonsense\n{}\n"])
async def test_a_bulk_body_without_order_is_400(key, body):
    answer = await post(key, "/elastic/logs/_bulk", body, "application/x-ndjson")
    assert answer.status_code == 400
    assert answer.json()["error"]["reason"]


async def test_shippers_are_told_what_they_ask_before_they_send(key):
    async with ingest_client(key) as client:
        for path in ("/elastic/", "/elastic/_license", "/elastic/_nodes/http", "/elastic/_ilm/policy/logs"):
            answer = await client.get(path)
            assert answer.status_code == 200
            assert answer.headers["x-elastic-product"] == "Elasticsearch"
        assert (await client.head("/elastic/_index_template/logs")).status_code == 200
        assert (await client.put("/elastic/logs", json={})).json() == {"acknowledged": True}
        assert (await client.put("/elastic/logs/_mapping", json={})).json() == {"acknowledged": True}
    async with ingest_client() as client:
        refused = await client.get("/elastic/")
        assert (refused.status_code, refused.json()["error"]["type"]) == (401, "security_exception")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/elastic/logs/_search"), ("GET", "/elastic/logs/_search"), ("POST", "/elastic/_msearch"), ("POST", "/elastic/_count"),
        ("DELETE", "/elastic/logs"), ("DELETE", "/elastic/_index_template/logs"), ("POST", "/elastic/logs/_update/1"),
        ("GET", "/elastic/logs/_doc/1"), ("POST", "/elastic/_reindex"), ("POST", "/elastic/logs/_doc/_search"), ("POST", "/elastic/logs"),
    ],
)  # fmt: skip
async def test_what_is_not_taken_is_not_acknowledged(environment, key, method, path):
    async with ingest_client(key) as client:
        answer = await client.request(method, path, json={"message": "lost"})
    assert answer.status_code == 400
    assert answer.json()["error"]["type"]
    assert "_bulk" in answer.json()["error"]["reason"]
    assert not await rows(environment)


async def test_a_document_is_neither_deleted_nor_there(key):
    async with ingest_client(key) as client:
        deleted = await client.delete("/elastic/logs/_doc/1")
        assert (deleted.status_code, deleted.json()["error"]["reason"]) == (405, "method: POST or PUT is needed here")
        assert (await client.head("/elastic/logs/_doc/1")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("POST", "/elastic/logs/_doc", None), ("PUT", "/elastic/logs/_doc/1", "1"), ("PUT", "/elastic/logs/_create/1", "1"),
        ("POST", "/elastic/logs/_doc/_Ab-1/", "_Ab-1"), ("POST", "/elastic//logs/event", None), ("PUT", "/elastic/logs/event/x", "x"),
    ],
)  # fmt: skip
async def test_a_single_document_is_stored_and_answered_as_elasticsearch_does(environment, key, method, path, told):
    async with ingest_client(key) as client:
        answer = await client.request(method, path, json={"message": "one", "log": {"level": "error"}})
    said = answer.json()
    assert (answer.status_code, said["result"], said["_index"]) == (201, "created", "logs")
    assert said["_id"] == told if told else len(said["_id"]) == 20
    assert said["_shards"] == {"total": 1, "successful": 1, "failed": 0}
    assert answer.headers["x-elastic-product"] == "Elasticsearch"
    (row,) = await rows(environment)
    assert (row.body, row.severity) == ("one", "error")


async def test_documents_without_an_id_are_new_each_time_and_others_are_stored_once(environment, key):
    for path in ("/elastic/logs/_doc", "/elastic/logs/_doc/1", "/elastic/logs/_doc/2"):
        for _ in range(2):
            assert (await post(key, path, {"message": path})).status_code == 201
    assert sorted(row.body for row in await rows(environment)) == [
        "/elastic/logs/_doc", "/elastic/logs/_doc", "/elastic/logs/_doc/1", "/elastic/logs/_doc/2",
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"{", b"[]", {"@timestamp": "1700-01-01T00:00:00Z"}])
async def test_a_document_that_cannot_be_read_is_400(environment, key, body):
    answer = await post(key, "/elastic/logs/_doc", body)
    assert answer.status_code == 400
    assert answer.json()["error"]["reason"]
    assert not await rows(environment)


@pytest.mark.parametrize("path", ["/elastic/logs/_doc/_bulk", "/elastic//_bulk", "/elastic//logs//_bulk/"])
async def test_older_and_doubled_addresses_of_bulk_are_taken(environment, key, path):
    answer = (await post(key, path, bulk({"index": {}}, {"message": "one"}), "application/x-ndjson")).json()
    assert answer["errors"] is False
    assert len(await rows(environment)) == 1


async def test_a_wrong_method_is_told_how_to_send(key):
    async with ingest_client(key) as client:
        answer = await client.put("/api/v1/logs", json={})
    assert answer.json()["error"]["message"] == "method: POST is needed here"
    assert "GET" in answer.headers["allow"]
