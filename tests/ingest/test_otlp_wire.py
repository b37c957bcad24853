"""Reading OTLP by our own schema gives what protobuf's own classes give, and refuses what they refuse."""

import base64

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from diagnostics.ingest.formats import otlp
from diagnostics.ingest.formats.otlp_wire import MOST_OF_A_NAME, REMEMBERED, Pairs, decode_body

PLAIN = st.one_of(
    st.builds(AnyValue, string_value=st.text(max_size=300)),
    st.builds(AnyValue, int_value=st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3_000_000)),
    st.builds(AnyValue, bool_value=st.booleans()),
    st.builds(AnyValue, double_value=st.floats(allow_nan=False)),
    st.builds(AnyValue, bytes_value=st.binary(max_size=20)),
    st.just(AnyValue()),
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.builds(AnyValue, array_value=st.builds(ArrayValue, values=st.lists(inner, max_size=3)))
        | st.builds(
            AnyValue,
            kvlist_value=st.builds(
                KeyValueList, values=st.lists(st.builds(KeyValue, key=st.text(max_size=5), value=inner), max_size=3)
            ),
        )
    ),
    max_leaves=5,
)


def official(raw: bytes):
    """(name, value) as protobuf's classes read them."""
    pair = KeyValue.FromString(raw)
    return pair.key, otlp.value_of(pair.value, pair.value.WhichOneof("value"), otlp.MAX_DEPTH)


@settings(max_examples=1000, deadline=None)
@given(st.text(max_size=150), VALUES)
def test_an_attribute_is_read_as_protobuf_reads_it(key, value):
    pairs = Pairs()
    raw = KeyValue(key=key, value=value).SerializeToString()
    assert repr(pairs.read(raw)) == repr(official(raw))
    assert repr(pairs.young.get(raw) or pairs.read(raw)) == repr(official(raw))
    assert repr(decode_body(value.SerializeToString())) == repr(official(KeyValue(value=value).SerializeToString())[1])


@settings(max_examples=800, deadline=None)
@given(
    st.binary(max_size=40)
    | st.builds(bytes.__add__, st.sampled_from([b"\n\x01a\x12", b"\n\x01a\x12\x03\n"]), st.binary(max_size=8))
)
def test_any_bytes_are_read_or_refused_as_protobuf_does(raw):
    try:
        expected = official(raw)
    except DecodeError:
        with pytest.raises(DecodeError):
            Pairs().read(raw)
    else:
        assert repr(Pairs().read(raw)) == repr(expected)


def raw_of(name: str, text: str) -> bytes:
    """An attribute's bytes."""
    return KeyValue(key=name, value=AnyValue(string_value=text)).SerializeToString()


def test_memory_stays_bounded_and_a_name_of_ids_leaves_room_for_others():
    pairs = Pairs()
    for number in range(5_000):
        pairs.read(raw_of("id", f"value-{number}"))
    assert len(pairs.young) == MOST_OF_A_NAME
    young = pairs.young
    for number in range(3 * REMEMBERED):
        pairs.read(raw_of(f"name-{number % 40}", f"value-{number}"))
    assert pairs.young is young
    assert len(young) < REMEMBERED
    assert len(pairs.old) <= REMEMBERED
    assert len(pairs.names) <= REMEMBERED


def test_numbers_are_not_confused_with_each_other():
    pairs = Pairs()
    values = [AnyValue(int_value=1), AnyValue(bool_value=True), AnyValue(double_value=1.0), AnyValue(string_value="1")]
    read = [pairs.read(KeyValue(key="a", value=value).SerializeToString())[1] for value in values * 2]
    assert [repr(value) for value in read] == ["1", "True", "1.0", "'1'"] * 2


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (b"password=hunter2x", "password=hunter2x"),
        ("naïve".encode(), "naïve"),
        (b"\xff\x01", "ff01"),
        (b"\x00\x01", "0001"),
    ],
)
def test_bytes_that_are_text_are_read_as_text_so_that_what_is_private_in_them_is_seen(raw, read):
    written = base64.b64encode(raw).decode()
    assert otlp.json_value_of({"bytesValue": written}, otlp.MAX_DEPTH) == read
    assert decode_body(AnyValue(bytes_value=raw).SerializeToString()) == read
