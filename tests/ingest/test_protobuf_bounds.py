"""Protobuf that is made of nothing: two bytes a group, an attribute, a stream."""

import cramjam
import pytest

from diagnostics.core.errors import BadInput
from diagnostics.ingest.formats.protobuf_wire import encode_message as inside
from diagnostics.ingest.routes import OTLP_LOGS, OTLP_TRACES, find_format

KIND = "application/x-protobuf"
MANY = 700_000


def pushed(body):
    return bytes(cramjam.snappy.compress_raw(body))


BODIES = {
    "groups": (OTLP_LOGS, b"\x0a\x00" * MANY), "scopes": (OTLP_LOGS, inside(1, b"\x12\x00" * MANY)),
    "records": (OTLP_LOGS, inside(1, inside(2, b"\x12\x00" * MANY))),
    "attributes": (OTLP_LOGS, inside(1, inside(2, inside(2, b"\x32\x00" * MANY)))),
    "of a resource": (OTLP_LOGS, inside(1, inside(1, b"\x0a\x00" * MANY))),
    "groups of spans": (OTLP_TRACES, b"\x0a\x00" * MANY), "scopes of spans": (OTLP_TRACES, inside(1, b"\x12\x00" * MANY)),
    "spans": (OTLP_TRACES, inside(1, inside(2, b"\x12\x00" * MANY))),
    "attributes of a span": (OTLP_TRACES, inside(1, inside(2, inside(2, b"\x4a\x00" * MANY)))),
    "streams": (find_format("/loki/api/v1/push"), pushed(b"\x0a\x00" * MANY)),
    "entries": (find_format("/loki/api/v1/push"), pushed(inside(1, b"\x12\x00" * MANY))),
    "metadata": (find_format("/loki/api/v1/push"), pushed(inside(1, inside(2, b"\x1a\x00" * MANY)))),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_body_of_nothing_is_refused_before_it_is_walked(name):
    wire_format, body = BODIES[name]
    with pytest.raises(BadInput, match="more than"):
        wire_format.parse(body, KIND, 1)
