"""Under which names clients send what has a column here: OpenTelemetry's, older ones, ECS, and those of common SDKs."""

from collections.abc import Callable
from typing import Any, Final

from diagnostics.pipeline.bounds import bound_name

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "session_id": (
        "session.id", "session_id", "sessionId", "rum.sessionId", "rum.session_id", "$session_id", "sentry.replay_id",
        "replay_id", "replayId",
    ),
    "user_id": (
        "user.id", "user_id", "userId", "enduser.id", "enduser.pseudo.id", "usr.id", "posthogDistinctId", "distinct_id",
        "sentry.user.id", "uid",
    ),
    "request_id": (
        "request.id", "request_id", "requestId", "http.request.id", "http.request_id", "x-request-id", "X-Request-Id",
        "X-Request-ID", "http.request.header.x-request-id", "aws.request_id", "req_id",
    ),
    "journey_id": ("journey.id", "journey_id", "journeyId"),
    "client_address": (
        "client.address", "client.ip", "client_ip", "clientIp", "http.client_ip", "remote_addr", "remoteAddr",
        "http.request.header.x-real-ip", "X-Real-IP", "x-real-ip",
    ),
    "forwarded": ("http.request.header.x-forwarded-for", "X-Forwarded-For", "x-forwarded-for", "x_forwarded_for"),
    "peer": ("net.peer.ip", "net.sock.peer.addr", "network.peer.address"),
    "user_agent": (
        "user_agent.original", "http.user_agent", "http.request.header.user-agent", "user_agent", "userAgent",
        "User-Agent", "user-agent",
    ),
    "http_method": ("http.request.method", "http.method", "http_method"),
    "http_route": ("http.route", "http_route"),
    "path": ("url.path", "http.target", "http.path"),
    "http_status": ("http.response.status_code", "http.status_code", "http_status", "http.status"),
    "seconds": ("http.server.request.duration", "duration_s", "duration_seconds"),
    "milliseconds": (
        "duration_ms", "durationMs", "elapsed_ms", "elapsedMs", "latency_ms", "latencyMs", "response_time_ms",
        "responseTime", "http.server.duration",
    ),
    "nanoseconds": ("event.duration", "duration_ns"),
    "error_type": ("exception.type", "error.type"),
    "release": ("service.version", "sentry.release"),
    "service_name": ("service.name",),
    "event_name": ("event.name",),
    "traceparent": ("traceparent", "http.request.header.traceparent"),
    "baggage": ("baggage", "http.request.header.baggage"),
    "ignored": ("deployment.environment.name", "deployment.environment"),
}  # fmt: skip
LIFTS: Final = {name: column for column, names in NAMES.items() for name in names}
TEXTS: Final = frozenset(
    {"session_id", "user_id", "request_id", "journey_id", "http_method", "http_route", "error_type", "release"}
    | {"service_name", "event_name", "client_address"}
)


TEXT_OR_WHOLE: Final = (str, int)  # as tuples: `str | int` would be built anew at each call
NUMBERS: Final = (int, float)
SEQUENCES: Final = (list, tuple)


def first_of(value: Any) -> Any:
    """Headers come as lists of values; the first counts."""
    return value[0] if isinstance(value, SEQUENCES) and value else value


def read_text(value: Any) -> str:
    """A column's text from a text or a number."""
    value = first_of(value)
    return bound_name(value) if isinstance(value, TEXT_OR_WHOLE) and not isinstance(value, bool) else ""


def read_status(value: Any) -> int | None:
    """An HTTP status, from a number or its digits."""
    value = first_of(value)
    if isinstance(value, str) and value.isdecimal() and len(value) == 3:
        value = int(value)
    return value if type(value) is int and 100 <= value <= 599 else None


def read_number(value: Any) -> float | None:
    """A duration's number: finite, not negative."""
    value = first_of(value)
    if isinstance(value, str):
        try:
            value = float(value[:32])
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, NUMBERS):
        return None
    return float(value) if 0 <= value < 1e12 else None


def read_forwarded(value: Any) -> str:
    """The first hop of a forwarding header: the client, as the proxies tell it."""
    return read_text(value).split(",", 1)[0].strip()


DURATIONS: Final[dict[str, float]] = {"seconds": 1000.0, "milliseconds": 1.0, "nanoseconds": 1e-6}
Reader = Callable[[Any], Any]
