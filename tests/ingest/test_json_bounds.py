"""JSON that is cut through a character, and JSON that is all brackets."""

import json

import orjson
import pytest

from diagnostics.core.errors import BadInput, TooLarge
from diagnostics.ingest.formats.json_bounds import lines_of, load_bounded
from diagnostics.ingest.formats.json_halves import load_json, mend_halves
from diagnostics.ingest.routes import ELASTIC, NATIVE, OTLP_LOGS, OTLP_TRACES, find_format

LOKI, ENVELOPE = find_format("/loki/api/v1/push"), find_format("/api/1/envelope/")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r'"a\ud83d"', "a\ufffd"), (r'"\uDE00b"', "\ufffdb"), (r'"\ud83d\ude00"', "😀"), (r'"\ud83d\ud83d\ude00"', "\ufffd😀"),
        (r'"\udc00\udc00"', "\ufffd\ufffd"), (r'"\\ud83d"', r"\ud83d"), (r'"\\\ud83d"', "\\\ufffd"), (r'"\\ud83d\ude00"', "\\ud83d\ufffd"),
        (r'"\ud83d\n\ude00"', "\ufffd\n\ufffd"), (r'"\\\\\ud83d\ude00 \ud83d"', "\\\\😀 \ufffd"),
    ],
)  # fmt: skip
def test_half_a_character_becomes_the_replacement_character(written, read):
    assert load_json(written.encode()) == read


def test_what_is_no_json_stays_none():
    for text in (b'{"a":"\\ud83d"', b"NaN", b"\\ud83d", b'"\\ud8zz"'):
        with pytest.raises(orjson.JSONDecodeError):
            load_json(text)
    plain = b'{"a":1}'
    assert mend_halves(plain) is plain


CUT = "cut \\ud83d"
HALVES = [
    (NATIVE, '[{"message":"%s"},{"message":{"a":"%s"}}]', 2, ""), (NATIVE, '{"message":"%s"}\n{"message":"good"}', 2, ""),
    (OTLP_LOGS, '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"%s"}},{}]}]}]}', 2, "application/json"),
    (LOKI, '{"streams":[{"stream":{"app":"x"},"values":[["1700000000000000000","%s"]]}]}', 1, "application/json"),
    (ELASTIC, '{"create":{}}\n{"message":"%s"}\n', 1, ""),
    (ENVELOPE, '{}\n{"type":"event"}\n{"message":"%s","tags":{"a":"%s"},"breadcrumbs":[{"message":"%s"}]}\n', 2, ""),
]  # fmt: skip


@pytest.mark.parametrize(("wire_format", "body", "count", "kind"), HALVES)
def test_no_protocol_loses_a_batch_to_half_a_character(wire_format, body, count, kind):
    parsed = wire_format.parse(body.replace("%s", CUT).encode(), kind, 1)
    assert len(parsed.records) == count
    assert parsed.rejections == []
    assert any("\ufffd" in record.body for record in parsed.records)
    json.dumps([record.body for record in parsed.records]).encode()


@pytest.mark.parametrize(
    ("wire_format", "body", "kind"),
    [
        (NATIVE, b"[" + b"{}," * 3_000_000 + b"{}]", ""), (NATIVE, b"{}\n" * 3_000_000, ""), (NATIVE, b"x\n" * 5_000_000, ""),
        (NATIVE, b'{"a":[' + b"NaN," * 9_000_000 + b"1]}", ""), (NATIVE, b"[" + b"1," * 9_000_000 + b"1]", ""),
        (OTLP_LOGS, b'{"resourceLogs":[' + b"{}," * 3_000_000 + b"{}]}", "application/json"),
        (OTLP_TRACES, b'{"resourceSpans":[' + b"[]," * 3_000_000 + b"{}]}", "application/json"),
        (LOKI, b'{"streams":[' + b"{}," * 3_000_000 + b"{}]}", "application/json"),
        (ELASTIC, b'{"delete":{}}\n' * 1_000_000, ""), (ELASTIC, b"{}\n" + b"\n" * 5_000_000 + b"x", ""),
        (ENVELOPE, b'{}\n{"type":"event"}\n{"breadcrumbs":[' + b"{}," * 3_000_000 + b"{}]}", ""),
    ],
    ids=range(11),
)  # fmt: skip
def test_a_bomb_of_nothing_is_refused_before_it_is_built(wire_format, body, kind):
    with pytest.raises((BadInput, TooLarge)):
        wire_format.parse(body, kind, 1)


def test_an_envelope_of_line_feeds_is_empty():
    assert ENVELOPE.parse(b"{}\n" + b"\n" * 5_000_000, "", 1).records == []


def test_texts_are_not_mistaken_for_brackets():
    assert len(load_bounded(orjson.dumps(["{[," * 400_000]))[0]) == 1_200_000
    assert list(lines_of(b"\n\n  a \r\n\n\tb\n")) == [b"a \r", b"b"]
