"""Made-up traffic of a small shop: varied log lines with what redaction and enrichment have to work on.

One record in three has an e-mail address, an IP address, a card or a token in its text; two in three are requests with
a user agent, a client address, a user and a session; 3% are errors with a stack trace. Numbers, ids and times differ
from line to line, so that no memory of texts helps more than it would in real traffic.
"""

import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs

SERVICES: Final = ("web", "checkout", "payment", "search", "catalogue", "accounts", "mailer", "gateway")
SERVICES_A_BATCH: Final = 4  # as a collector forwards it: several services, each with its resource
ROUTES: Final = (
    ("GET", "/", "/"), ("GET", "/api/products/{id}", "/api/products/%d"), ("GET", "/api/search", "/api/search"),
    ("POST", "/api/cart/{id}/items", "/api/cart/%d/items"), ("POST", "/api/checkout", "/api/checkout"),
    ("GET", "/api/orders/{id}", "/api/orders/%d"), ("PUT", "/api/users/{id}/profile", "/api/users/%d/profile"),
    ("POST", "/api/login", "/api/login"), ("GET", "/static/app.js", "/static/app.js"),
)  # fmt: skip
AGENTS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%d.1 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:%d.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS %d_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (compatible; Googlebot/2.%d; +http://www.google.com/bot.html)",
    "python-requests/2.%d.0",
)
NAMES: Final = ("anna", "bruno", "chiara", "deniz", "emil", "fatima", "goran", "hana", "ivan", "julia", "kofi", "lena")
MAILS: Final = ("example.com", "mail.example.org", "firma.example.net")
ERRORS: Final = ("TimeoutError", "ConnectionResetError", "IntegrityError", "KeyError", "PaymentDeclined")
STACK: Final = """Traceback (most recent call last):
  File "/srv/app/shop/views/%s.py", line %d, in dispatch
    response = handler(request, *args)
  File "/srv/app/shop/services/%s.py", line %d, in perform
    return self.client.call(order_id=%d)
%s: the upstream did not answer in %d ms"""
SECOND_NS: Final = 10**9


@dataclass(slots=True)
class Line:
    """One log line before it has a wire format."""

    time_ns: int
    severity: int
    level: str
    body: str
    attributes: dict[str, Any]
    trace_id: bytes = b""
    span_id: bytes = b""


class Shop:
    """Makes lines from a seed; the population of users, addresses and sessions is fixed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        pick = self.random
        self.addresses = [
            f"{pick.choice((81, 93, 151, 185))}.{pick.randrange(256)}.{pick.randrange(256)}.{pick.randrange(1, 255)}"
            for _ in range(2000)
        ]
        self.agents = [pick.choice(AGENTS) % pick.randrange(10, 130) for _ in range(150)]
        self.sessions = [pick.randbytes(12).hex() for _ in range(1500)]

    def mail(self) -> str:
        """Somebody's address."""
        pick = self.random
        return f"{pick.choice(NAMES)}.{pick.choice(NAMES)}{pick.randrange(90)}@{pick.choice(MAILS)}"

    def line(self, time_ns: int) -> Line:
        """One of the three kinds."""
        kind = self.random.random()
        if kind < 0.65:
            return self.request(time_ns)
        return self.failure(time_ns) if kind < 0.68 else self.talk(time_ns)

    def request(self, time_ns: int, status: int = 0) -> Line:
        """An access line; `status` 0 picks one."""
        pick = self.random
        method, route, path = pick.choice(ROUTES)
        path = path % pick.randrange(100_000) if "%d" in path else path
        status = status or pick.choices((200, 201, 204, 304, 400, 404, 500), (70, 6, 5, 8, 4, 5, 2))[0]
        milliseconds = round(pick.lognormvariate(3.5, 0.8), 2)
        user = pick.randrange(2000)
        address = self.addresses[user]
        line = Line(
            time_ns, 17 if status >= 500 else 9, "ERROR" if status >= 500 else "INFO",
            f"{method} {path} {status} {milliseconds} ms from {address}" if pick.random() < 0.2
            else f"{method} {path} {status} in {milliseconds} ms",
            {
                "http.request.method": method, "http.route": route, "url.path": path,
                "http.response.status_code": status, "http.server.request.duration": milliseconds / 1000,
                "client.address": address, "user_agent.original": self.agents[user % len(self.agents)],
                "user.id": f"u{user}", "session.id": self.sessions[user % len(self.sessions)],
                "request.id": pick.randbytes(16).hex(), "http.response.body.size": pick.randrange(200, 90_000),
            },
        )  # fmt: skip
        line.trace_id, line.span_id = pick.randbytes(16), pick.randbytes(8)
        return line

    def failure(self, time_ns: int) -> Line:
        """An error with its stack trace."""
        pick = self.random
        kind, order = pick.choice(ERRORS), pick.randrange(10**6)
        place, number = pick.choice(SERVICES), pick.randrange(40, 900)
        attributes = {
            "exception.type": kind,
            "exception.message": f"order {order} of {self.mail()} failed",
            "exception.stacktrace": STACK % (place, number, place, number + 7, order, kind, number * 3),
            "order.id": order,
            "retry": pick.randrange(4),
        }
        line = Line(time_ns, 17, "ERROR", f"{kind} while placing order {order} for {self.mail()}", attributes)
        line.trace_id, line.span_id = pick.randbytes(16), pick.randbytes(8)
        return line

    def talk(self, time_ns: int) -> Line:
        """What services say between requests."""
        pick = self.random
        number, small = pick.randrange(10**6), pick.randrange(500)
        severity, level, body = pick.choice(
            (
                (5, "DEBUG", f"cache miss for product:{number} in region eu-{small % 3}, fetched in {small} ms"),
                (9, "INFO", f"order {number} paid with card 4111 1111 1111 1111, receipt to {self.mail()}"),
                (9, "INFO", f"mail to {self.mail()} queued as job {number}, {small} waiting"),
                (9, "INFO", f"worker {small} took {number / 1000:.3f} s for batch {number}, {small * 3} rows"),
                (9, "INFO", f"inventory of sku {number} is {small}, reserved {small // 7}"),
                (13, "WARN", f"login of {self.mail()} refused from {pick.choice(self.addresses)}, attempt {small % 6}"),
                (
                    13,
                    "WARN",
                    f"slow query ({small + 500} ms): SELECT * FROM orders WHERE customer = {number} LIMIT {small}",
                ),
                (
                    13,
                    "WARN",
                    f"retrying upstream https://stock.internal/v2/items/{number}?token={pick.randbytes(16).hex()}",
                ),
            )
        )
        attributes = {
            "thread.name": f"worker-{small % 16}",
            "code.function.name": "handle",
            "queue.depth": small,
            "job": number,
        }
        return Line(time_ns, severity, level, body, attributes)

    def lines(self, count: int) -> list[Line]:
        """A batch's lines, over the last second."""
        now = time.time_ns()
        return [self.line(now - SECOND_NS + SECOND_NS * number // count) for number in range(count)]


def resource_of(service: str) -> dict[str, Any]:
    """What an SDK says about its process."""
    return {
        "service.name": service, "service.version": "2.14.1", "service.instance.id": f"{service}-7c9f",
        "deployment.environment.name": "production", "host.name": f"node-{len(service)}",
        "telemetry.sdk.language": "python",
    }  # fmt: skip


def value_of(value: Any) -> AnyValue:
    """A text, an integer or a float as OTLP has it."""
    if isinstance(value, str):
        return AnyValue(string_value=value)
    return AnyValue(int_value=value) if isinstance(value, int) else AnyValue(double_value=value)


def pairs_of(attributes: dict[str, Any]) -> list[KeyValue]:
    """Attributes as OTLP has them."""
    return [KeyValue(key=key, value=value_of(value)) for key, value in attributes.items()]


def shares(lines: list[Line], number: int) -> Iterator[tuple[str, list[Line]]]:
    """The lines split over some services, which differ from batch to batch."""
    size = -(-len(lines) // SERVICES_A_BATCH)
    for place in range(SERVICES_A_BATCH):
        yield SERVICES[(number + place) % len(SERVICES)], lines[place * size : (place + 1) * size]


def otlp_batch(lines: list[Line], number: int) -> bytes:
    """An ExportLogsServiceRequest of some services."""
    return otlp_request(shares(lines, number))


def otlp_request(groups: Iterable[tuple[str, list[Line]]]) -> bytes:
    """An ExportLogsServiceRequest of these services."""
    request = ExportLogsServiceRequest()
    for service, lines in groups:
        group: ResourceLogs = request.resource_logs.add()
        group.resource.attributes.extend(pairs_of(resource_of(service)))
        scope = group.scope_logs.add()
        scope.scope.name = f"shop.{service}"
        scope.log_records.extend(
            LogRecord(
                time_unix_nano=line.time_ns, observed_time_unix_nano=line.time_ns + 1000,
                severity_number=line.severity, severity_text=line.level,  # type: ignore[arg-type]
                body=AnyValue(string_value=line.body), attributes=pairs_of(line.attributes),
                trace_id=line.trace_id, span_id=line.span_id,
            )
            for line in lines
        )  # fmt: skip
    return request.SerializeToString()


def json_batch(lines: list[Line], number: int) -> bytes:
    """An array of objects for /api/v1/logs."""
    return orjson.dumps([json_line(line, service) for service, part in shares(lines, number) for line in part])


def json_line(line: Line, service: str) -> dict[str, Any]:
    """One object, as a JSON logger writes it."""
    stamp = datetime.fromtimestamp(line.time_ns / SECOND_NS, UTC).isoformat(timespec="microseconds")
    return {
        "timestamp": stamp, "level": line.level, "message": line.body, "service": service, "logger": f"shop.{service}",
        "release": "2.14.1", "trace_id": line.trace_id.hex(), "span_id": line.span_id.hex(),
        "attributes": {**line.attributes, "host.name": f"node-{len(service)}"},
    }  # fmt: skip
