"""Secrets of every class, sent in every wire format, broken ones too: none is found in the database, the queue's tables,
Valkey, the stream, the logs, or an alert. What is looked at is looked at raw, so that a secret could be seen there."""

import gzip
import json
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode, urlsplit

import cramjam
import psycopg
import pytest
import redis
from asgiref.sync import async_to_sync
from channels_redis.core import RedisChannelLayer
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from diagnostics.core.valkey import prefix_of
from diagnostics.ingest.formats.loki_messages import PushRequest
from diagnostics.live.wire import group_of
from tests.flows.canaries import AGENT, CANARIES, SECRETS, USER, attributes
from tests.up.waiting import wait_until

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("flows")]
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
NOW = int(time.time())
# name -> (format, lines)
FILES = {
    "access": ("combined", "".join(
        f'203.0.113.177 - {USER} [24/Nov/2026:06:00:00 +0000] "GET /?q={n} HTTP/1.1" 500 1 "-" "{AGENT}"\n' for n in range(3)
    )),
    "lines": ("json", "".join(json.dumps({"message": canary.text, "user.id": USER}) + "\n" for canary in CANARIES)),
    "system": ("syslog", "".join(
        f"<11>1 2026-11-24T06:00:00Z host app 1 - - {canary.text.replace(chr(10), ' ')}\n" for canary in CANARIES
    )),
    "python": ("python", "".join(
        f"2026-11-24 06:00:00,000 ERROR shop: {canary.text.replace(chr(10), ' ')}\n" for canary in CANARIES
    )),
}  # fmt: skip
SPARROW = "sparrow-of-no-importance"


class Listener(ThreadingHTTPServer):
    """A webhook receiver that keeps all that it is told, raw."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), ListenerHandler)
        self.heard = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class ListenerHandler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(f"{self.headers}\n{body.decode()}")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *words):
        pass


class Monitor(threading.Thread):
    """Every command that Valkey gets, frames of the live stream included."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.client = redis.Redis.from_url(url, socket_timeout=None)
        self.commands = []
        self.ready = threading.Event()

    def run(self):
        with suppress(redis.ConnectionError), self.client.monitor() as monitor:
            self.ready.set()
            for command in monitor.listen():
                self.commands.append(command["command"])


def native(bodies):
    records = [{"message": text, "level": "error", "service": "canary", **attributes()} for text in bodies]
    return "/api/v1/logs", records


def otlp_value(value):
    if isinstance(value, dict):
        return {"kvlistValue": {"values": otlp_pairs(value)}}
    if isinstance(value, list):
        return {"arrayValue": {"values": [otlp_value(item) for item in value]}}
    return {"stringValue": value}


def otlp_pairs(values):
    return [{"key": key, "value": otlp_value(value)} for key, value in values.items()]


def otlp_logs(bodies):
    entries = [
        {
            "timeUnixNano": str(NOW * 10**9), "severityNumber": 17, "body": {"stringValue": text}, "traceId": TRACE,
            "attributes": otlp_pairs({**attributes(), "exception.message": text, "exception.stacktrace": f"at {text}"}),
        }
        for text in bodies
    ]  # fmt: skip
    resource = {"attributes": otlp_pairs({"service.name": "canary", "host.note": bodies[0]})}
    return "/v1/logs", {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": entries}]}]}


def otlp_traces(bodies):
    spans = [
        {
            "traceId": TRACE, "spanId": f"{number:016x}", "name": text, "kind": 2, "startTimeUnixNano": str(NOW * 10**9),
            "endTimeUnixNano": str(NOW * 10**9 + 5), "status": {"code": 2, "message": text},
            "attributes": otlp_pairs(attributes()),
            "events": [{"name": "exception", "attributes": otlp_pairs({"exception.message": text, "note": text})}],
        }
        for number, text in enumerate(bodies, 1)
    ]  # fmt: skip
    return "/v1/traces", {"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": spans}]}]}


def sentry_event(text):
    return {
        "event_id": f"{abs(hash(text)):032x}"[:32], "timestamp": NOW, "level": "error", "message": text, "extra": attributes(),
        "logentry": {"message": "said %s", "params": [text], "formatted": f"said {text}"},
        "user": {"id": USER, "email": CANARIES[0].secret, "ip_address": "203.0.113.177"},
        "request": {
            "url": "https://shop.example/?card=4000056655665556", "headers": {"Cookie": CANARIES[9].text[8:], "User-Agent": AGENT},
            "data": {"note": text}, "query_string": "token=canaryBearer0123456789abcdefXYZ",
        },
        "exception": {"values": [{
            "type": "Failed", "value": text,
            "stacktrace": {"frames": [{"filename": "a.py", "function": "f", "lineno": 1, "vars": {"seen": text, "all": attributes()}}]},
        }]},
        "breadcrumbs": {"values": [{"timestamp": NOW, "category": "x", "message": text, "data": {"seen": text}}]},
        "contexts": {"trace": {"trace_id": TRACE, "span_id": SPAN}, "note": {"seen": text}}, "tags": {"note": text},
    }  # fmt: skip


def sentry_envelope(bodies):
    lines = [json.dumps({"dsn": ""})]
    for text in bodies:
        transaction = {
            "type": "transaction", "transaction": f"/x/{text}", "start_timestamp": NOW, "timestamp": NOW + 1,
            "contexts": {"trace": {"trace_id": TRACE, "span_id": SPAN, "op": "http.server"}}, "spans": [], "tags": {"n": text},
        }  # fmt: skip
        log = {
            "items": [
                {
                    "timestamp": NOW,
                    "level": "error",
                    "body": text,
                    "trace_id": TRACE,
                    "attributes": {"n": {"value": text, "type": "string"}},
                }
            ]
        }
        lines += [json.dumps({"type": "event"}), json.dumps(sentry_event(text))]
        lines += [json.dumps({"type": "transaction"}), json.dumps(transaction)]
        lines += [json.dumps({"type": "log"}), json.dumps(log)]
    return "/api/1/envelope/", "\n".join(lines)


def loki(bodies):
    values = [[str(NOW * 10**9 + number), text, {"note": text, "user.id": USER}] for number, text in enumerate(bodies)]
    return "/loki/api/v1/push", {
        "streams": [{"stream": {"service_name": "canary", "level": "error"}, "values": values}]
    }


def elastic(bodies):
    lines = []
    for text in bodies:
        lines += [json.dumps({"create": {}}), json.dumps({"message": text, "log.level": "error", **attributes()})]
    return "/elastic/_bulk", "\n".join(lines) + "\n"


def sentry_store(bodies):
    return "/api/1/store/", sentry_event(bodies[0])


def sentry_sessions(_bodies):
    attributes = {"release": "1", "ip_address": "203.0.113.177", "user_agent": AGENT}
    session = {"sid": "0" * 32, "did": USER, "status": "crashed", "started": NOW, "attrs": attributes}
    lines = [{"dsn": "", "trace": {"user_id": USER}}, {"type": "session"}, session]
    return "/api/1/envelope/", "\n".join(map(json.dumps, lines))


def ndjson(bodies):
    records = native(bodies)[1]
    return "/api/v1/logs", "\n".join(map(json.dumps, records))


def otlp_protobuf(bodies):
    lines = otlp_logs(bodies)[1]
    lines["resourceLogs"][0]["scopeLogs"][0]["logRecords"] = [
        {**entry, "traceId": ""} for entry in lines["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    ]
    return "/v1/logs", ParseDict(lines, ExportLogsServiceRequest()).SerializeToString()


def loki_snappy(bodies):
    entries = [
        {"timestamp": {"seconds": NOW}, "line": text, "metadata": [{"name": "note", "value": text}]} for text in bodies
    ]
    pushed = ParseDict({"streams": [{"labels": '{service_name="canary"}', "entries": entries}]}, PushRequest())
    return "/loki/api/v1/push", bytes(cramjam.snappy.compress_raw(pushed.SerializeToString()))


FORMATS = (
    native, ndjson, otlp_logs, otlp_protobuf, otlp_traces, sentry_envelope, sentry_sessions, sentry_store, loki, loki_snappy,
    elastic,
)  # fmt: skip
TYPES = {"/api/1/envelope/": "application/x-sentry-envelope", "/elastic/_bulk": "application/x-ndjson"}
# What travels beside a body, in headers and in the address: none of it is anybody's business either.
ASIDE = {
    "Idempotency-Key": f"{CANARIES[0].secret} {USER}", "baggage": f"user.email={CANARIES[0].secret},session.id=s-1",
    "Cookie": CANARIES[9].text[8:], "X-Forwarded-For": "203.0.113.177", "Referer": f"https://shop.example/?user={USER}",
}  # fmt: skip


def type_of(path, body):
    if isinstance(body, bytes):
        return "application/x-protobuf"
    return TYPES.get(path, "application/x-ndjson" if isinstance(body, str) else "application/json")


def bytes_of(body):
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def post(url, key, path, body, content_type="", **headers):
    data = bytes_of(body)
    request = urllib.request.Request(
        f"{url}{path}?user={USER}&note={CANARIES[0].secret}", data,
        {
            "Authorization": f"Bearer {key}", "Content-Type": content_type or type_of(path, body), "User-Agent": AGENT,
            "X-Sentry-Auth": f"Sentry sentry_key={key}", "Origin": "https://shop.example", **ASIDE, **headers,
        },
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def dump(url):
    """Every table as COPY writes it, and the names in the catalogue's statistics left out: they are the same values."""
    found = {}
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        for (name,) in names.fetchall():
            with connection.cursor() as cursor, cursor.copy(f'COPY "{name}" TO STDOUT') as copy:
                found[f"table {name}"] = b"".join(bytes(part) for part in copy).decode()
    return found


def test_no_canary_is_found_anywhere(plant, tmp_path):
    place = plant.make_place("canaries", failures=0)
    listener = Listener()
    add_listener(plant, place, listener)
    monitor = Monitor(plant.product.env["REDIS_URL"])
    monitor.start()
    assert monitor.ready.wait(10)
    watch(plant.product.env, place.id)
    bodies = [*(canary.text for canary in CANARIES), f"a harmless {SPARROW} came by"]
    url = plant.product.url
    for number, write in enumerate(FORMATS):
        path, body = write(bodies)
        mark = {"Idempotency-Key": f"{ASIDE['Idempotency-Key']} {number}"}
        assert post(url, place.key, path, body, **mark) in (200, 202, 204), write
        content = bytes_of(body)
        zipped = {**mark, "Content-Encoding": "gzip"}
        assert post(url, place.key, path, gzip.compress(content), type_of(path, body), **zipped) in (200, 202, 204), (
            write
        )
        assert post(url, place.key, path, content[: len(content) * 2 // 3], type_of(path, body)) < 500, write  # cut off
        assert post(url, "dk_" + "0" * 64, path, body) in (401, 403), write
    for name, (line_format, text) in FILES.items():
        file = tmp_path / f"{name} of {CANARIES[0].secret}.log"
        file.write_text(text)
        plant.product.manage("import_logs", str(file), "--environment", place.slug, "--format", line_format)
    knock(url, place, plant.product.provisioned[place.slug])
    wait_until(lambda: listener.heard, seconds=90)
    wait_until(lambda: any("live.frame" in command for command in monitor.commands), seconds=20)
    time.sleep(2)
    looked_at = {
        **dump(plant.product.env["DATABASE_URL"]),
        "valkey": "\n".join(monitor.commands),
        "log": plant.product.log.read_text(),
        "alerts": "\n".join(listener.heard),
    }
    seen = {name.partition("_p2")[0] for name, text in looked_at.items() if SPARROW in text}
    assert {"table diagnostics_log", "table diagnostics_span", "valkey"} <= seen  # a secret would be seen there, too
    assert "canaries" in looked_at["alerts"].lower()
    assert {(secret, name) for secret in SECRETS for name, text in looked_at.items() if secret in text} == set()


def knock(url, place, person):
    """People type what is secret, too: into searches, into forms, into the wrong field, with mistakes."""
    headers = {"Authorization": f"Bearer {person['api_token']}", "Content-Type": "application/json", **ASIDE}
    for path, body in (
        ("logs/search", {"environment": place.slug, "user": USER, "range": "24h"}),
        ("logs/search", {"environment": place.slug, "q": f'user:{USER} "not closed'}),
        ("logs/counts/search", {"environment": place.slug, "user": USER, "by": "route"}),
        ("sessions/search", {"environment": place.slug, "user": USER}),
        ("journeys/search", {"environment": place.slug, "user": USER}),
        ("datarequests", {"environment": place.slug, "kind": "export", "user": USER}),
        (
            "rules",
            {"environment": place.slug, "slug": "hers", "name": "hers", "signal": "matches", "query": f"user:{USER}"},
        ),
        ("targets", {"environment": place.slug, "name": "x", "kind": "webhook", "secrets": {"url": CANARIES[10].text}}),
    ):
        assert answer_of(url, f"/api/v1/{path}", json.dumps(body).encode(), headers) < 500, path
    assert answer_of(url, f"/api/v1/logs?environment={place.slug}&user={USER}", None, headers) == 200
    assert answer_of(url, f"/api/v1/sessions?user={USER}", None, headers) == 200
    jar = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    page = jar.open(f"{url}/login/?next=/e/{place.slug}/logs/?user={USER}", timeout=20).read().decode()
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = {
        "csrfmiddlewaretoken": token,
        "login": "joe",
        "password": CANARIES[11].secret,
        "next": f"/e/x/logs/?user={USER}",
    }
    with suppress(urllib.error.HTTPError):
        jar.open(f"{url}/login/?next=/e/x/logs/?user={USER}", urlencode(form).encode(), timeout=20)


def answer_of(url, path, data, headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url + path, data, headers), timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def watch(env, environment_id):
    """As if a live page were open: frames go to a channel that nobody reads."""
    url, prefix = env["REDIS_URL"], prefix_of(urlsplit(env["DATABASE_URL"]).path.lstrip("/"))
    redis.Redis.from_url(url).set(f"{prefix}:live:watched:{environment_id}", 1, ex=600)
    layer = RedisChannelLayer(hosts=[{"address": url}], prefix=prefix)
    async_to_sync(layer.group_add)(group_of(environment_id), "canaries.of.a.test")


def add_listener(plant, place, listener):
    """A target that is told of everything."""
    person = plant.product.provisioned[place.slug]
    target = {
        "environment": place.slug, "name": "listener", "kind": "webhook",
        "secrets": {"url": f"http://127.0.0.1:{listener.server_port}/", "signing_key": "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
    }  # fmt: skip
    request = urllib.request.Request(
        f"{plant.product.url}/api/v1/targets", json.dumps(target).encode(),
        {"Authorization": f"Bearer {person['api_token']}", "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 201
