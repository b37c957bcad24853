"""Any bytes at any ingest address: an answer of the protocol, never a 5xx, and the address works afterwards."""

import asyncio
import gzip
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import ingest_client, make_environment, make_key

pytestmark = pytest.mark.django_db(transaction=True)

JSON, PROTOBUF = "application/json", "application/x-protobuf"
LOG = {
    "timeUnixNano": "1700000000000000000",
    "severityNumber": 17,
    "body": {"stringValue": "x"},
    "attributes": [{"key": "a", "value": {"intValue": "5"}}],
}
SPAN = {
    "traceId": "0af7651916cd43dd8448eb211c80319c",
    "spanId": "b7ad6b7169203331",
    "name": "GET",
    "startTimeUnixNano": "1700000000000000000",
}
# address -> (media type, a good body to start from)
ADDRESSES = {
    "/api/v1/logs": (JSON, json.dumps([{"level": "error", "message": "x", "attributes": {"a": [1, {"b": None}]}}]).encode()),
    "/v1/logs": (JSON, json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [LOG]}]}]}).encode()),
    "/otlp/v1/logs": (PROTOBUF, bytes.fromhex("0a2112 1f12 1d0900 0068 e567 1797 1710 11 2a05 0a03 6162 63 3209 0a01 61 1204 0a02 6262".replace(" ", ""))),
    "/v1/traces": (JSON, json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [SPAN]}]}]}).encode()),
    "/loki/api/v1/push": (JSON, json.dumps({"streams": [{"stream": {"a": "b"}, "values": [["1700000000000000000", "x", {"c": "d"}]]}]}).encode()),
    "/elastic/_bulk": ("application/x-ndjson", b'{"create":{}}\n{"message":"x","service":{"name":"y"}}\n'),
    "/api/1/envelope/": ("application/x-sentry-envelope", b'{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}\n{"type":"event"}\n{"message":"x","exception":{"values":[{"type":"E","value":"v"}]}}\n'),
    "/api/1/store/": (JSON, b'{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","message":"x","breadcrumbs":[{"message":"y"}]}'),
}  # fmt: skip
ALLOWED = {200, 204, 400, 413, 415}

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=25,
)


@st.composite
def mutations(draw, good):
    """A good body with some of its bytes changed, dropped, doubled or put elsewhere."""
    data = bytearray(good)
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(data)))
        act = draw(st.sampled_from("cdmi"))
        if act == "c" and place < len(data):
            data[place] = draw(st.integers(0, 255))
        elif act == "d":
            del data[place : place + draw(st.integers(1, 9))]
        elif act == "m":
            data[place:place] = data[: draw(st.integers(0, 30))]
        else:
            data[place:place] = draw(st.binary(max_size=8))
    return bytes(data)


def replace_somewhere(draw, tree, value):
    """The tree with one of its parts, at any depth, replaced by the value."""
    if isinstance(tree, dict) and tree and draw(st.booleans()):
        name = draw(st.sampled_from(sorted(tree)))
        return {**tree, name: replace_somewhere(draw, tree[name], value)}
    if isinstance(tree, list) and tree and draw(st.booleans()):
        place = draw(st.integers(0, len(tree) - 1))
        return [*tree[:place], replace_somewhere(draw, tree[place], value), *tree[place + 1 :]]
    return value


@st.composite
def misshapen(draw, good):
    """Lines of JSON of the right shape but for one part."""
    lines = []
    for line in good.splitlines():
        try:
            tree = json.loads(line)
        except ValueError:
            return draw(mutations(good))
        lines.append(json.dumps(replace_somewhere(draw, tree, draw(values))))
    return "\n".join(lines).encode()


@pytest.mark.parametrize("address", sorted(ADDRESSES))
def test_any_bytes_get_an_answer_of_the_protocol(address):
    media_type, good = ADDRESSES[address]
    key = make_key(make_environment())
    headers = {
        "Authorization": f"Bearer {key}",
        "X-Sentry-Auth": f"Sentry sentry_key={key}",
        "Content-Type": media_type,
    }
    bodies = (
        st.binary(max_size=300)
        | mutations(good)
        | misshapen(good)
        | values.map(lambda value: json.dumps(value).encode())
    )

    async def send(body, packed):
        async with ingest_client() as client:
            more = {"Content-Encoding": "gzip"} if packed else {}
            return await client.post(
                address, content=gzip.compress(body) if packed else body, headers={**headers, **more}
            )

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(bodies, st.booleans())
    def run(body, packed):
        answer = asyncio.run(send(body, packed))
        assert answer.status_code in ALLOWED, (answer.status_code, answer.text)
        if answer.status_code >= 400 and media_type == JSON and "loki" not in address:
            assert isinstance(json.loads(answer.text), dict)

    run()
    assert asyncio.run(send(good, False)).status_code in (200, 204)
