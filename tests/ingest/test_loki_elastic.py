"""Loki's push and Elasticsearch's bulk, as shippers send them."""

import base64
import time

import cramjam
import orjson
import pytest

from diagnostics.ingest.formats.loki_messages import PushRequest
from diagnostics.models import LogRecord
from tests.factories import ingest_client, make_environment, make_key

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def environment(transactional_db):
    return make_environment()


@pytest.fixture
def key(environment):
    return make_key(environment)


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


async def test_loki_takes_snappy_protobuf(environment, key):
    request = PushRequest()
    labels = '{app="agent", env="pro\\"d"}'
    pushed = request.streams.add(labels=labels)
    entry = pushed.entries.add(line="from an agent")
    entry.timestamp.seconds = int(time.time())
    entry.metadata.add(name="pod", value="p-1")
    body = bytes(cramjam.snappy.compress_raw(request.SerializeToString()))
    answer = await post(key, "/loki/api/v1/push", body, "application/x-protobuf")
    assert answer.status_code == 204
    (row,) = await rows(environment)
    assert (row.service_name, row.body, row.attributes["pod"], row.attributes["env"]) == (
        "agent",
        "from an agent",
        "p-1",
        'pro"d',
    )


async def test_loki_takes_the_older_shape(environment, key):
    body = {"streams": [{"labels": '{job="old"}', "entries": [{"ts": "2027-01-01T00:00:00Z", "line": "older"}]}]}
    assert (await post(key, "/loki/api/v1/push", body)).status_code == 204
    assert (await rows(environment))[0].service_name == "old"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400), ({"streams": 1}, "application/json", 400), ({"streams": [{"stream": 1}]}, "application/json", 400),
        (stream(["x", "y"]), "application/json", 400), (b"\xff\xff\xff\xff\xff", "application/x-protobuf", 413),
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
    async with ingest_client() as client:
        assert (await client.get("/elastic/")).status_code == 401
