"""The record and the span in flight: what formats produce, the pipeline refines and storage writes."""

from dataclasses import dataclass, field
from typing import Any

from diagnostics.core import severity


@dataclass(slots=True)
class Record:
    """One log record. Times are nanoseconds since 1970; ids are lower-case hex; empty means not known.

    `user_id`, `client_address` and `user_agent` live only here: enrichment turns them into `user_key`,
    `client_network`, region and device, and storage has no column for them.
    """

    timestamp_ns: int
    observed_ns: int
    sequence: int = 0
    severity_number: int = severity.DEFAULT
    service_name: str = ""
    logger: str = ""
    release: str = ""
    body: str = ""
    event_name: str = ""
    trace_id: str = ""
    span_id: str = ""
    session_id: str = ""
    journey_id: str = ""
    request_id: str = ""
    http_method: str = ""
    http_route: str = ""
    http_status: int | None = None
    duration_ms: float | None = None
    error_type: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    restricted: dict[str, Any] = field(default_factory=dict)  # stack trace, locals: another table, encrypted
    # Attributes that it shares with others of its request, below its own; normalising merges them.
    resource: dict[str, Any] | None = None
    # Set by enrichment and fingerprinting.
    user_key: str = ""
    client_network: str = ""
    geo_country: str = ""
    geo_region: str = ""
    device_type: str = ""
    browser: str = ""
    os: str = ""
    is_bot: bool = False
    fingerprint: str = ""
    template_id: int = 0  # 0: none, it has no text
    row_id: int = 0  # set by storage
    # Never stored.
    user_id: str = ""
    client_address: str = ""
    user_agent: str = ""


@dataclass(slots=True)
class SpanRecord:
    """One finished span. `kind` and `status_code` as OpenTelemetry numbers them (kind 2 = server, status 2 = error)."""

    trace_id: str
    span_id: str
    start_ns: int
    end_ns: int
    parent_span_id: str = ""
    name: str = ""
    kind: int = 1
    status_code: int = 0
    status_message: str = ""
    service_name: str = ""
    release: str = ""
    session_id: str = ""
    journey_id: str = ""
    request_id: str = ""
    http_method: str = ""
    http_route: str = ""
    http_status: int | None = None
    error_type: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    user_key: str = ""
    user_id: str = ""
    client_address: str = ""
    user_agent: str = ""


@dataclass(slots=True)
class Rejection:
    """A record that could not be taken: its place in the request and a reason that names the field and the way out."""

    index: int
    reason: str


@dataclass(slots=True)
class Parsed:
    """What a wire format read out of one request."""

    records: list[Record] = field(default_factory=list)
    spans: list[SpanRecord] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    essential: set[int] = field(default_factory=set)  # `id()` of records that a quota of logs must not silence
    repeatable: dict[int, bytes] = field(default_factory=dict)  # `id()` of records that may come again: what they say
    check_ins: list[dict[str, Any]] = field(default_factory=list)  # of jobs that must report: for who watches them
    echo: Any = None  # of the request, what its protocol's answer repeats: an event's id, a bulk's actions
