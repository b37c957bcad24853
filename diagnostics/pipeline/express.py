"""The express way: in one go over a record's attributes what normalising, enriching and redacting do in three.

It takes the records that are as nearly all are, and leaves the others, untouched, to the long way. Both give the same
result, and a test holds them to it. What records of a group have in common is done once for the group.
"""

from typing import Any, Final

from diagnostics.core import clock, limits
from diagnostics.core.record import Record
from diagnostics.pipeline import aliases, bounds
from diagnostics.pipeline.context import ClientContext, EnvironmentContext
from diagnostics.pipeline.enrich import enrich_log
from diagnostics.pipeline.normalise import INT32, LOG_NAMES, clean_id, log_names_of, route_of
from diagnostics.pipeline.plans import Load, clean_column
from diagnostics.pipeline.redact import redact_mapping, redact_text, redact_texts
from diagnostics.pipeline.traces import may_hold_trace, raised_in

Shared = tuple[dict[str, str], dict[str, Any]]  # columns and attributes, clean
PERSONAL: Final = frozenset({"user_id", "client_address", "http_method"})


class Express:
    """For the records of one request."""

    def __init__(self, environment: EnvironmentContext, client: ClientContext) -> None:
        self.environment = environment
        self.client = client
        self.shared: dict[tuple[int, tuple[str, ...]], Shared | None] = {}
        self.latest = clock.now_ns() + limits.AHEAD_NS
        self.taken: list[Record] = []
        self.last: tuple[Any, tuple[str, ...], Shared | None] = (self, (), None)  # neighbours mostly share

    def take(self, record: Record) -> bool:
        """Cleans and enriches the record in place, but for its body; False when it has to go the long way."""
        shared = self.shared_of(record)
        if shared is None or not is_ordinary(record, self.latest):
            return False
        columns, kept = shared
        load = Load(columns.copy(), kept.copy(), record.http_status, record.duration_ms)
        if not load.add(record.attributes):
            return False
        unload(load, record)
        enrich_log(record, self.environment, self.client)
        self.taken.append(record)
        return True

    def clean_bodies(self) -> None:
        """The last step for all records that it has taken."""
        for record, body in zip(self.taken, redact_texts([record.body for record in self.taken]), strict=True):
            record.body = body
        self.taken.clear()

    def shared_of(self, record: Record) -> Shared | None:
        """What the record shares with others of its resource and columns; None sends them the long way."""
        names = log_names_of(record)
        resource, last_names, shared = self.last
        if record.resource is resource and names == last_names:
            return shared
        key = (id(record.resource), names)
        if key not in self.shared:
            self.shared[key] = share(record.resource or {}, names)
        self.last = (record.resource, names, self.shared[key])
        return self.shared[key]


def share(resource: dict[str, Any], names: tuple[str, ...]) -> Shared | None:
    """The columns that the format has filled, and the resource's attributes."""
    filled = {column: value for column, value in zip(LOG_NAMES, names, strict=True) if value}
    columns = {column: clean_column(value) for column, value in filled.items() if value == value.strip()}
    if columns.keys() != filled.keys() or not all(columns.values()) or not PERSONAL.isdisjoint(columns):
        return None
    load = Load(columns, {})
    return (load.columns, load.kept) if load.add(resource) and load.is_shareable else None


def is_ordinary(record: Record, latest: int) -> bool:
    """Whether nothing but its attributes needs work; times until `latest` are kept as they are."""
    body = record.body
    return (
        type(body) is str
        and len(body) <= limits.BODY_CHARS
        and bounds.is_sound(body)
        and not may_hold_trace(body)
        and is_moment(record.timestamp_ns, latest)
        and is_moment(record.observed_ns, latest)
        and type(record.severity_number) is int
        and 1 <= record.severity_number <= 24
        and 0 <= record.sequence <= INT32
        and (record.http_status is None or record.http_status == aliases.read_status(record.http_status))
        and not record.restricted
    )


def is_moment(nanoseconds: Any, latest: int) -> bool:
    """A time that is kept as it is."""
    return type(nanoseconds) is int and 0 < nanoseconds <= latest


def unload(load: Load, record: Record) -> None:
    """Fills the record."""
    for column, text in load.columns.items():
        setattr(record, column, text)
    record.attributes, record.resource = load.kept, None
    record.http_status, record.duration_ms = load.status, load.duration
    record.user_id, record.client_address, record.user_agent = load.user, load.address, load.agent
    if load.restricted:
        record.error_type = record.error_type or redact_text(raised_in(load.restricted), numbers=False)
        record.restricted = redact_mapping(load.restricted)
    if load.path and not record.http_route:
        record.http_route = redact_text(route_of(load.path), numbers=False)
    if record.trace_id:
        record.trace_id = clean_id(record.trace_id, 32)
    if record.span_id:
        record.span_id = clean_id(record.span_id, 16)
