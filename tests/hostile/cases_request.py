"""Keys, methods, paths, framing, headers and the other protocols."""

import base64
import gzip
import json

from tests.hostile.asking import BAD, GOOD, OK, TAKEN, case

PLAIN = json.dumps(GOOD).encode()
BODY = b'{"message":"x"}'
LINE = b"POST /api/v1/logs HTTP/1.1\r\n"
HOST = b"Host: %HOST%\r\n"
KEYED = b"Authorization: Bearer %KEY%\r\nContent-Type: application/json\r\n"
LENGTH = b"Content-Length: 15\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


def auth(name, allowed, value):
    return case(name, allowed, GOOD, key=False, headers=(("Authorization", value),))


KEYS = [
    case("no key", {401}, GOOD, key=False), case("no key, bad body", {401}, b"{", key=False),
    case("no key, bomb", {401}, gzip.compress(b"\0" * 10_000_000), key=False, headers=(("Content-Encoding", "gzip"),)),
    case("key in the query", {401}, GOOD, key=False, path="/api/v1/logs?key=dk_x&token=dk_x"),
    *[
        auth(f"authorization {value[:24]!r}", {401}, value)
        for value in (
            "", "Bearer", "Bearer dk_", "Token abc", "bearer", "Basic !!!", "Basic Og==", "Digest a=b", "Bearer a b c",
            "Bearer dk_" + "0" * 64, "Bearer ../../x", "Bearer %00", 'Bearer "x"', "\xff\xfe", "Bearer " + "a" * 100_000,
            "Basic " + base64.b64encode(b"x" * 5000).decode(),
        )
    ],
]  # fmt: skip
METHODS = [
    *[case(f"{method} on logs", {405}, GOOD, method=method) for method in ("PUT", "PATCH", "DELETE", "TRACE")],
    *[case(f"{method} on logs", {401}, method=method) for method in ("GET", "HEAD", "OPTIONS")],
    *[
        case(f"{method} on OTLP", {405}, method=method, path="/v1/logs")
        for method in ("GET", "PUT", "DELETE", "OPTIONS")
    ],
    case("no method", BAD, GOOD, method="FOO"),
]
PATHS = [
    case(f"path {path[:30]}", allowed, GOOD, path=path)
    for path, allowed in (
        ("/api/v1/logs%00", {400, 404}), ("/api/v1/logs/%2e%2e/%2e%2e/etc/passwd", {401, 404, 405}), ("/API/V1/LOGS", {404}),
        ("/" + "a" * 20_000, {404}), ("/api/v1/logs?" + "&".join(f"a{n}=1" for n in range(5000)), {200}),
        ("/v1/metrics", {404}), ("/api/0/envelope/../store/", {401, 403, 404, 200}), ("//api/v1/logs", {200}),
    )
]  # fmt: skip


def raw(name, allowed, data):
    return case(name, allowed, raw=data)


HTTP = LINE + HOST + KEYED
FRAMING = [
    raw("whole", OK, HTTP + LENGTH + BODY), raw("chunks", OK, HTTP + CHUNKED + b"f\r\n" + BODY + b"\r\n0\r\n\r\n"),
    raw("length and chunks", BAD, HTTP + b"Content-Length: 15\r\n" + CHUNKED + b"f\r\n" + BODY + b"\r\n0\r\n\r\n"),
    raw("a length beyond all", {413}, HTTP + b"Content-Length: 9223372036854775807\r\n\r\n" + BODY),
    raw("a key behind the body", {401}, LINE + HOST + CHUNKED[:-2] + b"Trailer: Authorization\r\n\r\nf\r\n" + BODY
        + b"\r\n0\r\nAuthorization: Bearer %KEY%\r\n\r\n"),
    raw("two lengths", BAD, HTTP + b"Content-Length: 15\r\nContent-Length: 16\r\n\r\n" + BODY),
    *[
        raw(f"length {value!r}", BAD, HTTP + b"Content-Length: " + value + b"\r\n\r\n" + BODY)
        for value in (b"-1", b"abc", b"1e3", b"+15", b"0x0f", b"15 15", b"9" * 30, b"")
    ],
    raw("huge length, no body", {413}, HTTP + b"Content-Length: 99999999999\r\n\r\n"),
    raw("expected huge length", {413}, HTTP + b"Expect: 100-continue\r\nContent-Length: 99999999999\r\n\r\n"),
    raw("expectation", OK, HTTP + b"Expect: 100-continue\r\n" + LENGTH + BODY),
    raw("bad chunk", BAD, HTTP + CHUNKED + b"zz\r\n" + BODY), raw("endless chunk", BAD, HTTP + CHUNKED + b"f" * 18 + b"\r\nx"),
    raw("unknown transfer coding", BAD, HTTP + b"Transfer-Encoding: xchunked\r\n\r\n" + BODY),
    raw("two transfer codings", BAD, HTTP + b"Transfer-Encoding: gzip, chunked\r\n\r\nf\r\n" + BODY + b"\r\n0\r\n\r\n"),
    raw("folded header", BAD, LINE + HOST + b"X-A: a\r\n b\r\n" + KEYED + LENGTH + BODY),
    raw("NUL in a header", BAD, LINE + HOST + b"X-A: a\0b\r\n" + KEYED + LENGTH + BODY),
    raw("blank before colon", BAD, LINE + HOST + b"X-A : a\r\n" + KEYED + LENGTH + BODY),
    raw("bare line feeds", BAD, (HTTP + LENGTH).replace(b"\r\n", b"\n") + BODY),
    raw("no host", BAD, LINE + KEYED + LENGTH + BODY), raw("two hosts", BAD, HTTP + b"Host: evil.example\r\n" + LENGTH + BODY),
    raw("5,000 headers", {431}, LINE + HOST + b"".join(b"X-%d: a\r\n" % n for n in range(5000)) + KEYED + LENGTH + BODY),
    raw("a header of 1 MB", {431}, LINE + HOST + b"X-A: " + b"a" * 1_048_576 + b"\r\n" + KEYED + LENGTH + BODY),
    raw("an address of 1 MB", {431}, b"POST /" + b"a" * 1_048_576 + b" HTTP/1.1\r\n" + HOST + LENGTH + BODY),
    raw("TLS", BAD, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 64), raw("noise", BAD, b"\xff" * 500 + b"\r\n\r\n"),
    raw("a word", BAD, b"hello\r\n\r\n"), raw("HTTP/9.9", BAD, LINE.replace(b"1.1", b"9.9") + HOST + KEYED + LENGTH + BODY),
    raw("HTTP/1.0", OK, LINE.replace(b"1.1", b"1.0") + KEYED + LENGTH + BODY),
]  # fmt: skip
HEADERS = [
    case(f"{name}: {value[:24]}", allowed, GOOD, headers=((name, value), ("Origin", "https://shop.example")))
    for name, value, allowed in (
        ("X-Forwarded-For", "garbage", OK), ("X-Forwarded-For", ", ".join(["1.2.3.4"] * 2000), OK),
        ("X-Forwarded-For", "127.0.0.1", OK), ("Forwarded", 'for="[::1]:x";by=;;', OK), ("X-Real-IP", "::ffff:1.2.3", OK),
        ("User-Agent", "Mozilla/5.0 (" * 5000, OK), ("User-Agent", "\xff\xfe\x80", OK), ("traceparent", "00-zz-zz-01", OK),
        ("traceparent", "ff" * 500, OK), ("baggage", "session.id=" + "x" * 20_000, OK), ("baggage", ",=;,=;", OK),
        ("Idempotency-Key", "x" * 5000, BAD), ("Idempotency-Key", "a b\tc", OK), ("Cookie", "sessionid=x; " * 500, OK),
        ("X-Sentry-Auth", "Sentry " + "a=b," * 5000, OK), ("X-HTTP-Method-Override", "DELETE", OK),
    )
]  # fmt: skip


def otlp(name, allowed, body, kind="application/x-protobuf", path="/v1/logs"):
    return case(f"OTLP {name}", allowed, body, path=path, content_type=kind)


JSON = "application/json"
OTLP = [
    otlp("empty", OK, b""), otlp("noise", BAD, b"\xff" * 200), otlp("cut", BAD, b"\x0a\x7f\x12"),
    otlp("endless length", BAD, b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), otlp("groups", BAD, b"\x0b" * 10_000),
    otlp("nested", {200, 400}, b"\x0a\x04" * 3000), otlp("JSON as protobuf", BAD, b'{"resourceLogs":[]}'),
    otlp("protobuf as JSON", BAD, b"\x0a\x00", JSON), otlp("text", {415}, b"x", "text/plain"),
    otlp("empty JSON", OK, b"{}", JSON), otlp("list", BAD, b"[]", JSON), otlp("null", BAD, b"null", JSON),
    otlp("blank JSON", BAD, b" ", JSON), otlp("no JSON", BAD, b"", JSON), otlp("no JSON spans", BAD, b"", JSON, "/v1/traces"),
    otlp("unknown fields", OK, {"resourceLogs": [], "future": 1}, JSON),
    *[
        otlp(f"strange {n}", {200, 400}, {"resourceLogs": value}, JSON)
        for n, value in enumerate(
            ([None], [1], "x", {}, [{"scopeLogs": 5}], [{"scopeLogs": [{"logRecords": [None, 5, {}, {"body": 7}]}]}],
             [{"resource": [], "scopeLogs": [{"scope": 1, "logRecords": [{"timeUnixNano": "x", "traceId": "zz", "attributes": {}}]}]}],
             [{"scopeLogs": [{"logRecords": [{"severityNumber": "ERROR", "timeUnixNano": -5, "body": {"intValue": "9" * 400}}]}]}],
             [{"scopeLogs": [{"logRecords": [{"body": json.loads('{"arrayValue":{"values":[' * 200 + "]}}" * 200)}]}]}])
        )
    ],
    otlp("spans", {200, 400}, {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": 1, "startTimeUnixNano": {}}]}]}]}, JSON, "/v1/traces"),
    otlp("noise as spans", BAD, b"\xff" * 50, path="/otlp/v1/traces"),
]  # fmt: skip


def sentry(name, allowed, body):
    return case(f"Sentry {name}", allowed, body, path="/api/1/envelope/", content_type="application/x-sentry-envelope")


SENTRY = [
    sentry("empty", BAD, b""), sentry("no JSON", BAD, b"hello\nworld"), sentry("header only", OK, b"{}\n"),
    sentry("wrong length", {200, 400}, b'{}\n{"type":"event","length":999999}\n{}'),
    sentry("negative length", {200, 400}, b'{}\n{"type":"event","length":-5}\n{}'),
    sentry("text length", {200, 400}, b'{}\n{"type":"event","length":"x"}\n{}'),
    sentry("unknown item", OK, b'{}\n{"type":"from_the_future","length":2}\n{}\n'),
    sentry("event that is a list", {200, 400}, b'{}\n{"type":"event"}\n[]\n'),
    sentry("strange event", {200, 400}, b'{}\n{"type":"event"}\n{"exception":5,"breadcrumbs":"x","user":[],"timestamp":{},"contexts":7}\n'),
    sentry("strange logs", {200, 400}, b'{}\n{"type":"log"}\n{"items":[null,5,{"body":{}}]}\n'),
    sentry("10,000 items", {200, 400, 413}, b"{}\n" + b'{"type":"event"}\n{}\n' * 10_000),
]  # fmt: skip
OTHERS = [
    case("Loki empty", {*TAKEN, 400}, b"{}", path="/loki/api/v1/push"),
    case("Loki strange", {*TAKEN, 400}, {"streams": [{"stream": 5, "values": [["x"], 7, ["1", 2, 3]]}]}, path="/loki/api/v1/push"),
    case("Loki noise", BAD, b"\xff\xff", path="/loki/api/v1/push", content_type="application/x-protobuf"),
    case("Loki snappy bomb", {400, 413}, b"\xff\xff\xff\xff\x0f" + b"\0" * 50, path="/loki/api/v1/push", content_type="application/x-protobuf"),
    case("Loki snappy without a size", BAD, b"\xff" * 50, path="/loki/api/v1/push", content_type="application/x-protobuf"),
    *[
        case(f"bulk action {value}", BAD, b'{"create":' + value + b'}\n{"message":"a"}\n', path="/elastic/_bulk")
        for value in (b"5", b"null", b"[]", b'"x"', b"true")
    ],
    case("bulk without newline", {200, 400}, b'{"index":{}}', path="/elastic/_bulk"),
    case("bulk noise", {200, 400}, b"\xff\n\xff\n", path="/elastic/_bulk"),
    case("bulk strange", {200, 400}, b'{"delete":{}}\n5\n{"create":[]}\n{}\n', path="/elastic/_bulk", content_type="application/x-ndjson"),
]  # fmt: skip
REQUESTS = [*KEYS, *METHODS, *PATHS, *FRAMING, *HEADERS, *OTLP, *SENTRY, *OTHERS]
