"""Secrets of every class, sent in every wire format, broken ones too: none is found in the database, the queue's tables,
Valkey, the stream, the logs, or an alert. What is looked at is looked at raw, so that a secret could be seen there."""

import json
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest
import redis
from asgiref.sync import async_to_sync
from channels_redis.core import RedisChannelLayer

from diagnostics.live.wire import group_of, watched_key
from tests.flows.canaries import AGENT, CANARIES, SECRETS, USER, attributes
from tests.up.waiting import wait_until

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("flows")]
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
NOW = int(time.time())
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


FORMATS = (native, otlp_logs, otlp_traces, sentry_envelope, loki, elastic)
TYPES = {"/api/1/envelope/": "application/x-sentry-envelope", "/elastic/_bulk": "application/x-ndjson"}


def post(url, key, path, body):
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    request = urllib.request.Request(
        url + path, data,
        {
            "Authorization": f"Bearer {key}", "Content-Type": TYPES.get(path, "application/json"), "User-Agent": AGENT,
            "X-Sentry-Auth": f"Sentry sentry_key={key}", "Origin": "https://shop.example",
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
    watch(plant.product.env["REDIS_URL"], place.id)
    bodies = [*(canary.text for canary in CANARIES), f"a harmless {SPARROW} came by"]
    url = plant.product.url
    for write in FORMATS:
        path, body = write(bodies)
        assert post(url, place.key, path, body) in (200, 202, 204), path
        text = body if isinstance(body, str) else json.dumps(body)
        assert post(url, place.key, path, text[: len(text) * 2 // 3]) < 500, path  # cut off in the middle
        assert post(url, "dk_" + "0" * 64, path, body) in (401, 403), path
    file = tmp_path / "access.log"
    file.write_text(
        "".join(
            f'203.0.113.177 - joe [24/Nov/2026:06:00:00 +0000] "GET /?q={n} HTTP/1.1" 500 1 "-" "{AGENT}"\n'
            for n in range(3)
        )
    )
    plant.product.manage("import_logs", str(file), "--environment", place.slug, "--format", "combined")
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


def watch(url, environment_id):
    """As if a live page were open: frames go to a channel that nobody reads."""
    redis.Redis.from_url(url).set(watched_key(environment_id), 1, ex=600)
    layer = RedisChannelLayer(hosts=[{"address": url}], prefix="diagnostics")
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
