"""First step of the pipeline: known attributes become columns, and everything becomes storable and bounded."""

import re
from functools import lru_cache
from itertools import islice
from operator import attrgetter
from typing import Any, Final

from diagnostics.core import clock, limits
from diagnostics.core.record import Record, SpanRecord
from diagnostics.pipeline import aliases, bounds
from diagnostics.pipeline.carriers import CARRIERS, take_carried
from diagnostics.pipeline.redact.keys import Kind, classify_name
from diagnostics.pipeline.traces import (
    GENERAL,
    LOOKED_AT,
    Apart,
    has_frames,
    holds_trace,
    may_hold_trace,
    part,
    part_body,
    raised_in,
)

MARK_CUT: Final = "diagnostics.truncated"
MARK_TIME: Final = "diagnostics.original_timestamp"
MARK_DROPPED: Final = "diagnostics.dropped_attributes"
RESTRICTED: Final = "restricted"
TRACES: Final = "traces"  # plan of a name under which a trace may stand, and mostly something else does
ERROR_TYPE: Final = "error_type"
CONTAINERS: Final = (dict, list)
WITHHELD: Final = "[restricted]"
LOG_NAMES: Final = (
    "service_name", "logger", "release", "event_name", "session_id", "journey_id", "request_id", "http_method",
    "http_route", "error_type", "user_id", "client_address",
)  # fmt: skip
SPAN_NAMES: Final = tuple(name for name in LOG_NAMES if name not in ("logger", "event_name"))
log_names_of: Final = attrgetter(*LOG_NAMES)
span_names_of: Final = attrgetter(*SPAN_NAMES)
HEX: Final = "0123456789abcdef"
SEGMENT_ID: Final = re.compile(
    r"\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{12,}|(?=[^/]*\d[^/]*\d)[A-Za-z0-9_~.=-]{16,}|[^/]*@[^/]*|[^/]*\[[a-z].*"
)
LATE: Final = CARRIERS | {"path"}  # plans of attributes that stay, and are looked at when all others are known
INT32: Final = 2**31 - 1
WIDE: Final = 8 * limits.ATTRIBUTES  # names of a record that are judged


def normalise_log(record: Record) -> None:
    """Puts a record in order, in place."""
    now = clock.now_ns()
    if record.resource is not None:
        record.attributes, record.resource = {**record.resource, **record.attributes}, None
    set_time(record, now)
    attributes = lift_attributes(record, record.attributes, record.restricted, is_server=True)
    if type(record.body) is str and may_hold_trace(record.body):
        part_text(record, attributes)
    record.body = bound_body(record.body, attributes)
    if record.restricted:
        settle_restricted(record)
    record.attributes = attributes
    record.severity_number = min(max(int(record.severity_number), 1), 24)
    record.sequence = min(max(record.sequence, 0), INT32)
    bound_columns(record, LOG_NAMES, log_names_of(record))


def part_text(record: Record, attributes: dict[str, Any]) -> None:
    """A stack trace in the text goes to the restricted fields, unless the record brings it there as well."""
    apart = Apart()
    if len(record.body) > LOOKED_AT:
        attributes[MARK_CUT] = True
    record.body = part_body(record.body, apart)
    record.restricted = {**apart.found, **record.restricted}
    record.error_type = record.error_type or apart.error_type


def settle_restricted(record: Record) -> None:
    """Bounded; a trace names the error where nothing else does."""
    record.restricted = {
        bounds.bound_key(name): bounds.bound_restricted(value) for name, value in record.restricted.items()
    }
    record.error_type = record.error_type or raised_in(record.restricted)


def normalise_span(span: SpanRecord) -> None:
    """Puts a span in order, in place."""
    now = clock.now_ns()
    set_times(span, now)
    span.attributes = lift_attributes(span, span.attributes, None, is_server=span.kind == 2)
    span.events = [bound_event(event) for event in span.events[: limits.ATTRIBUTES]]
    span.name = bounds.bound_name(span.name)
    span.status_message = bounds.bound_text(span.status_message, limits.VALUE_CHARS)
    span.parent_span_id = clean_id(span.parent_span_id, 16)
    bound_columns(span, SPAN_NAMES, span_names_of(span))


def set_time(record: Record, now: int) -> None:
    """The record's own time, or when it was observed. One out of range is clamped, and one of the future becomes when it
    was observed: it would stand above all others for years. The original is kept."""
    latest = now + limits.AHEAD_NS
    record.observed_ns = bounds.bound_time(record.observed_ns, now)
    if record.observed_ns > latest:
        record.observed_ns = now
    stamp = record.timestamp_ns
    record.timestamp_ns = bounds.bound_time(stamp, record.observed_ns)
    if record.timestamp_ns > latest:
        record.timestamp_ns = record.observed_ns
    if stamp and stamp != record.timestamp_ns:
        record.attributes[MARK_TIME] = bounds.write_time(stamp)


def set_times(span: SpanRecord, now: int) -> None:
    """Start and end, likewise: a span of the future begins now and takes as long as it says."""
    start = span.start_ns
    span.start_ns = bounds.bound_time(start, now)
    span.end_ns = max(bounds.bound_time(span.end_ns, span.start_ns), span.start_ns)
    if span.start_ns > now + limits.AHEAD_NS:
        span.start_ns, span.end_ns = now, bounds.bound_time(now + span.end_ns - span.start_ns, now)
    if start and start != span.start_ns:
        span.attributes[MARK_TIME] = bounds.write_time(start)


def bound_body(body: Any, attributes: dict[str, Any]) -> str:
    """The body as text, cut to its bound and marked."""
    if type(body) is not str:
        body = "" if body is None else str(body)
    if len(body) > limits.BODY_CHARS:
        attributes[MARK_CUT] = True
    return bounds.bound_text(body, limits.BODY_CHARS)


def bound_event(event: dict[str, Any]) -> dict[str, Any]:
    """A span's event; its stack trace belongs to the record that tells of the exception."""
    clean: dict[str, Any] = bounds.bound_value(event)
    inner = clean.get("attributes")
    if isinstance(inner, dict):
        clean["attributes"] = part(inner, "", Apart(), WITHHELD)
    return clean


def bound_columns(record: Record | SpanRecord, names: tuple[str, ...], values: tuple[str, ...]) -> None:
    """Short columns are one line and bounded; ids are hexadecimal of their length or empty."""
    if not (joined := "".join(values)).isprintable() or len(joined) > limits.NAME_CHARS:  # rare: look at each
        for name, value in zip(names, values, strict=True):
            if len(value) > limits.NAME_CHARS or not value.isprintable():
                setattr(record, name, bounds.bound_name(value))
    if record.trace_id:
        record.trace_id = clean_id(record.trace_id, 32)
    if record.span_id:
        record.span_id = clean_id(record.span_id, 16)
    if record.http_status is not None:
        record.http_status = aliases.read_status(record.http_status)
    if record.http_method:
        record.http_method = record.http_method[:16].upper()


def clean_id(text: str, size: int) -> str:
    """A trace or span id: lower-case hexadecimal, not all zeros; else empty."""
    if len(text) == 36 and size == 32:
        text = text.replace("-", "")
    text = text.lower()
    return text if len(text) == size and not text.strip(HEX) and text.strip("0") else ""


@lru_cache(maxsize=16_384)
def plan_of(name: str) -> tuple[str, str]:
    """(plan, key). Where an attribute goes: a column, `restricted`, or empty for: it stays, under the key."""
    column = aliases.LIFTS.get(name, "")
    if not column and classify_name(name).kind is Kind.RESTRICTED:
        column = RESTRICTED
    elif not column and name in GENERAL:
        column = TRACES
    return column, bounds.bound_key(name)


def lift_attributes(
    record: Record | SpanRecord, attributes: dict[str, Any], restricted: dict[str, Any] | None, *, is_server: bool
) -> dict[str, Any]:
    """The attributes that stay, bounded; the others fill columns and restricted fields."""
    attributes, dropped = narrow(attributes) if len(attributes) > WIDE else (attributes, 0)
    kept: dict[str, Any] = {}
    room = limits.RECORD
    late: dict[str, Any] = {}
    for name, value in attributes.items():
        plan, key = (
            plan_of(name) if type(name) is str and len(name) <= limits.KEY_CHARS else ("", bounds.bound_key(name))
        )
        if plan:
            if plan is RESTRICTED or (plan is TRACES and type(value) is str and has_frames(value)):
                keep_apart(name, value, kept, restricted)
                continue
            if plan in LATE:
                late[plan] = late.get(plan) or value
            elif plan is not TRACES and lift(record, plan, value, is_server=is_server):
                continue
        if type(value) is str and len(value) <= 1024 and value.isascii() and "\x00" not in value:
            room -= len(value)
        elif type(value) is not bool and value is not None:
            if type(value) in CONTAINERS and holds_trace(value):
                value = part_value(name, value, restricted, late)
            value = bounds.bound_value(value)
            room -= len(value) if type(value) is str else 64
        kept[key] = value if room > 0 else bounds.WITHHELD_SIZE
    if late:
        settle(record, late)
    return bound_count(kept, dropped) if dropped or len(kept) > limits.ATTRIBUTES else kept


def narrow(attributes: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """The first, and those of the others that have a column of their own; and how many are left out. To judge each name of
    hundreds of thousands, for the few that are kept, would hold a processor for seconds."""
    items = iter(attributes.items())
    kept = dict(islice(items, WIDE))
    kept.update((name, value) for name, value in items if name in aliases.LIFTS)
    return kept, len(attributes) - len(kept)


def settle(record: Record | SpanRecord, late: dict[str, Any]) -> None:
    """What follows from other attributes: whatever their order, what the sender names itself is better."""
    take_carried(record, late)
    if not record.error_type:
        record.error_type = late.get(ERROR_TYPE, "")
    path = aliases.read_text(late.get("path"))
    if path and not record.http_route:
        record.http_route = route_of(path)


def part_value(name: str, value: Any, restricted: dict[str, Any] | None, late: dict[str, Any]) -> Any:
    """An object or a list without the traces in it, and the error that stands beside them."""
    apart = Apart()
    value = part(value, bounds.bound_key(name), apart, WITHHELD if restricted is None else "")
    if restricted is not None:
        restricted.update({bounds.bound_key(path): found for path, found in apart.found.items()})
    if apart.error_type:
        late.setdefault(ERROR_TYPE, apart.error_type)
    return value


def keep_apart(name: str, value: Any, kept: dict[str, Any], restricted: dict[str, Any] | None) -> None:
    """A stack trace and its like go to the restricted fields; a span has none, so there they are withheld."""
    if restricted is None:
        kept[name] = WITHHELD
    else:
        restricted[bounds.bound_key(name)] = bounds.bound_restricted(value)


def bound_count(kept: dict[str, Any], dropped: int) -> dict[str, Any]:
    """The first attributes, and how many more there were."""
    dropped += max(len(kept) - limits.ATTRIBUTES, 0)
    kept = dict(list(kept.items())[: limits.ATTRIBUTES])
    kept[MARK_DROPPED] = dropped
    return kept


def lift(record: Record | SpanRecord, plan: str, value: Any, *, is_server: bool) -> bool:
    """Fills the column; False leaves the attribute where it is."""
    if plan in aliases.TEXTS:
        return lift_text(record, plan, value)
    if plan == "http_status":
        if record.http_status is None:
            record.http_status = aliases.read_status(value)
        return record.http_status is not None
    if plan in aliases.DURATIONS:
        return lift_duration(record, value, aliases.DURATIONS[plan])
    return lift_client(record, plan, value, is_server=is_server)


def lift_text(record: Record | SpanRecord, column: str, value: Any) -> bool:
    """A text column takes the first value that it gets; user ids and addresses never stay attributes."""
    if column == "event_name" and type(record) is SpanRecord:
        return False
    if type(value) is str and len(value) <= limits.NAME_CHARS and value.isprintable():  # nearly always so
        text = value.strip()
    else:
        text = aliases.read_text(value)
    present = getattr(record, column)
    if not present:
        setattr(record, column, text)
        return bool(text)
    return present == text or column in ("user_id", "client_address")


def lift_duration(record: Record | SpanRecord, value: Any, factor: float) -> bool:
    """A record's duration in milliseconds; a span has its own."""
    if type(record) is SpanRecord:
        return False
    number = aliases.read_number(value)
    if number is None or record.duration_ms is not None:  # type: ignore[union-attr]
        return False
    record.duration_ms = number * factor  # type: ignore[union-attr]
    return True


def lift_client(record: Record | SpanRecord, plan: str, value: Any, *, is_server: bool) -> bool:
    """Whom the request came from, and where it went."""
    if plan == "forwarded":
        if first := aliases.read_forwarded(value):
            record.client_address = first  # what proxies tell beats the nearest hop
        return True
    if plan == "peer":
        # Only a server's peer is its client, and a proxy in front of it is known by the headers.
        if is_server and type(record) is SpanRecord and not record.client_address:
            record.client_address = aliases.read_text(value)
            return True
        return False
    if plan == "user_agent":
        if not record.user_agent:
            record.user_agent = str(aliases.first_of(value))[: limits.USER_AGENT_CHARS]
        return True
    return True


@lru_cache(maxsize=8_192)
def route_of(path: str) -> str:
    """A path with its ids taken out, so that requests to the same place are counted together."""
    path = path.split("?", 1)[0].split("#", 1)[0]
    if not path.startswith("/"):
        return ""
    parts = ("{id}" if part and SEGMENT_ID.fullmatch(part) else part for part in path.split("/")[:12])
    return "/".join(parts)[: limits.NAME_CHARS]
