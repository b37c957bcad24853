"""What surrounds a Sentry event: user, trace, session, release, tags. The same for the event and its breadcrumbs."""

from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from diagnostics.core import limits
from diagnostics.core.record import Record
from diagnostics.ingest.formats.otlp import read_id
from diagnostics.ingest.formats.sentry_client import address_of, headers_of
from diagnostics.ingest.formats.sentry_values import section, text
from diagnostics.ingest.formats.sharing import size_of
from diagnostics.pipeline.aliases import DURATIONS, LIFTS

SESSION_NAMES: Final = ("session.id", "session_id", "sessionId", "sentry.replay_id", "replay_id")
SERVICE_NAMES: Final = ("service.name", "service", "service_name")
# Columns that tell of the event's or the root span's own request: were they on each record, one request would count as many.
OWN: Final = frozenset({"http_status", "http_method", "http_route", "path", "error_type", *DURATIONS})
AUTO: Final = "{{auto}}"  # the SDK asks for the address of the request itself


@dataclass(slots=True)
class Scope:
    """Columns and attributes that the records of one event share."""

    service_name: str = ""
    release: str = ""
    trace_id: str = ""
    span_id: str = ""
    session_id: str = ""
    user_id: str = ""
    client_address: str = ""
    request_id: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_event(cls, event: dict[str, Any], event_id: str) -> Self:
        """Read from an event or a transaction. Without a session of its own, the event and its breadcrumbs make one."""
        contexts, tags, user = section(event, "contexts"), tags_of(event), section(event, "user")
        trace = section(contexts, "trace")
        resource = section(section(contexts, "otel"), "resource")
        extra = {**section(event, "extra"), **tags}
        session = next((text(extra[name]) for name in SESSION_NAMES if extra.get(name)), "")
        session = session or text(section(contexts, "replay").get("replay_id"))
        address, headers = text(user.get("ip_address")), headers_of(event)
        return cls(
            service_name=next((text(extra[name]) for name in SERVICE_NAMES if extra.get(name)), "")
            or text(resource.get("service.name")),
            release=text(event.get("release")),
            trace_id=read_id(trace.get("trace_id"), 32),
            span_id=read_id(trace.get("span_id"), 16),
            session_id=session or (f"sentry-{event_id}" if event_id else ""),
            user_id=text(user.get("id")) or text(user.get("email")) or text(user.get("username")),
            client_address=address if address and address != AUTO else address_of(event, headers),
            request_id=text(extra.get("request_id") or extra.get("request.id") or headers.get("x-request-id")),
            attributes={
                **extra,
                **{name: event[key] for key, name in NAMED.items() if event.get(key)},
                **runtime_of(contexts),
            },
        )

    def around(self) -> Self:
        """What breadcrumbs and inner spans share with the event or the root span: all but what happened to that itself, and
        no attributes where these are long: the event has them."""
        shared = {name: value for name, value in self.attributes.items() if LIFTS.get(name) not in OWN}
        return replace(self, attributes=shared if size_of(shared) <= MOST_SHARED else {})

    def fill(self, record: Record) -> None:
        """Give them to a record."""
        for name in COLUMNS:
            setattr(record, name, getattr(self, name))
        record.attributes = {**self.attributes, **record.attributes}


MOST_SHARED: Final = 4 * limits.KIB  # that stand in each of thousands of spans
COLUMNS: Final = (
    "service_name", "release", "trace_id", "span_id", "session_id", "user_id", "client_address", "request_id",
)  # fmt: skip
NAMED: Final = {
    "environment": "deployment.environment.name", "server_name": "host.name", "platform": "telemetry.sdk.language",
    "transaction": "sentry.transaction", "dist": "sentry.dist",
}  # fmt: skip


def tags_of(event: dict[str, Any]) -> dict[str, Any]:
    """Tags as an object; some SDKs send pairs."""
    tags = event.get("tags")
    if isinstance(tags, list):
        return {str(pair[0]): pair[1] for pair in tags if isinstance(pair, list) and len(pair) == 2}
    return tags if isinstance(tags, dict) else {}


def runtime_of(contexts: dict[str, Any]) -> dict[str, Any]:
    """What it ran on, by OpenTelemetry's names."""
    found: dict[str, Any] = {}
    for context, name in (("runtime", "process.runtime"), ("os", "os"), ("browser", "browser")):
        for key in ("name", "version"):
            value = text(section(contexts, context).get(key))
            if value:
                found[f"{name}.{key}"] = value
    return found
