"""Context as W3C carries it between services, where it stands in a record: `traceparent` names the trace, `baggage` may name
the session. What the record says itself counts more.
"""

import re
from typing import Any, Final
from urllib.parse import unquote

from diagnostics.core.record import Record, SpanRecord
from diagnostics.pipeline.aliases import first_of
from diagnostics.pipeline.bounds import bound_name

LONGEST: Final = 8192  # characters of a carrier, as the recommendation has it
TRACEPARENT: Final = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")
SESSIONS: Final = ("session.id", "session_id", "sessionId", "rum.sessionId")
CARRIERS: Final = frozenset({"traceparent", "baggage"})


def take_carried(record: Record | SpanRecord, carried: dict[str, Any]) -> None:
    """Fill what the record does not say."""
    if not record.trace_id and (match := TRACEPARENT.fullmatch(read_carrier(carried.get("traceparent")).lower())):
        record.trace_id, record.span_id = match[1], record.span_id or match[2]
    if not record.session_id:
        record.session_id = session_in(read_carrier(carried.get("baggage")))


def read_carrier(value: Any) -> str:
    """A header's value, bounded."""
    value = first_of(value)
    return value[:LONGEST].strip() if isinstance(value, str) else ""


def session_in(baggage: str) -> str:
    """The session's id among `name=value;property, name=value`; empty when there is none."""
    members = (member.partition(";")[0].partition("=") for member in baggage.split(",")[:180])
    found = {name.strip(): value.strip() for name, _, value in members}
    return next((bound_name(unquote(found[name])) for name in SESSIONS if found.get(name)), "")
