"""What is done with an attribute, worked out once for each name: where its value goes and how it is cleaned.

A plan's `take` puts a value where it belongs; False sends the whole record the long way, where several attributes of
one meaning are told apart.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from diagnostics.core import limits
from diagnostics.pipeline import aliases, bounds
from diagnostics.pipeline.carriers import CARRIERS
from diagnostics.pipeline.normalise import CONTAINERS, RESTRICTED, TRACES, WIDE, plan_of
from diagnostics.pipeline.redact.engine import PLAIN_ID, redact_text, seen, seen_ids
from diagnostics.pipeline.redact.keys import Kind, Treatment
from diagnostics.pipeline.redact.memo import Memo
from diagnostics.pipeline.redact.values import CARD_AT_LEAST, VALUE_KEYS, redact_mapping, redact_named_text, treat
from diagnostics.pipeline.traces import has_frames, holds_trace

NARROW: Final = 1024  # characters of a text that fits beside as many others as a record may have
ROOM: Final = limits.RECORD - limits.ATTRIBUTES * NARROW  # for those that are longer
REMEMBERED: Final = 16_384
seen_columns: Final = Memo()


@dataclass(slots=True)
class Load:
    """What a record's attributes come to."""

    columns: dict[str, str]
    kept: dict[str, Any]
    status: int | None = None
    duration: float | None = None
    restricted: dict[str, Any] = field(default_factory=dict)
    user: str = ""
    address: str = ""
    agent: str = ""
    path: str = ""
    room: int = ROOM

    def add(self, attributes: Mapping[str, Any]) -> bool:
        """Take all; False when they need the long way."""
        if len(attributes) > WIDE:
            return False
        for name, value in attributes.items():
            plan = PLANS.get(name) or make_plan(name)
            if not plan.take(self, plan, value):
                return False
        return self.room > 0 and len(self.kept) <= limits.ATTRIBUTES

    @property
    def is_shareable(self) -> bool:
        """Whether it holds nothing but columns and attributes."""
        return self.status is self.duration is None and not (
            self.restricted or self.user or self.address or self.agent or self.path
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """A name's plan."""

    take: "Take"
    name: str  # of the column, or of the attribute that stays
    recall: Callable[[str], str | None]  # what a text under this name became before
    treatment: Treatment
    small_numbers_stay: bool  # a whole number of few digits says nothing private under this name
    factor: float = 1.0  # of a duration, to milliseconds


Take = Callable[[Load, Plan, Any], bool]
PLANS: Final[dict[str, Plan]] = {}


def keep(load: Load, plan: Plan, value: Any) -> bool:
    """The attribute stays, clean."""
    if type(value) is str:
        clean = plan.recall(value)
        load.kept[plan.name] = clean_text(load, plan, value) if clean is None else clean
    elif type(value) is int and plan.small_numbers_stay and -bounds.LARGEST <= value < CARD_AT_LEAST:
        load.kept[plan.name] = value
    elif type(value) in CONTAINERS and holds_trace(value):
        return False
    else:
        load.kept[plan.name] = redact_mapping({plan.name: bounds.bound_value(value)})[plan.name]
    return True


def clean_text(load: Load, plan: Plan, text: str) -> str:
    """A text that is not remembered."""
    text = bounds.bound_text(text, limits.VALUE_CHARS)
    if len(text) > NARROW:
        load.room -= len(text)
    return redact_named_text(text, plan.treatment)


def take_column(load: Load, plan: Plan, value: Any) -> bool:
    """A text column."""
    clean = clean_column(value)
    if not clean or plan.name in load.columns:
        return False
    load.columns[plan.name] = clean
    return True


def clean_column(value: Any) -> str:
    """A column's clean text; empty for what takes more than a look."""
    clean = seen_columns.young.get(value) if type(value) is str else None
    if clean is not None:
        return clean
    text = short_text(value)
    if not text or PLAIN_ID.fullmatch(text):  # most ids are of this kind and come once
        return text
    clean = seen_columns.recall(text)
    if clean is None:
        clean = redact_text(text, numbers=False)
        seen_columns.put(text, clean)
    return clean


def short_text(value: Any) -> str:
    """A text or a whole number as one short line; empty for anything else."""
    if type(value) is str:
        return value.strip() if len(value) <= limits.NAME_CHARS and value.isprintable() else ""
    return str(value) if type(value) is int and -bounds.LARGEST <= value <= bounds.LARGEST else ""


def take_method(load: Load, plan: Plan, value: Any) -> bool:
    """The method of a request."""
    if type(value) is not str or not value.isalpha() or len(value) > 16 or "http_method" in load.columns:
        return False
    load.columns["http_method"] = value.upper()
    return True


def take_user(load: Load, plan: Plan, value: Any) -> bool:
    """The user's id: the first counts, none stays an attribute."""
    text = short_text(value)
    load.user = load.user or text
    return bool(text)


def take_address(load: Load, plan: Plan, value: Any) -> bool:
    """The client's address, likewise."""
    text = short_text(value)
    load.address = load.address or text
    return bool(text)


def take_forwarded(load: Load, plan: Plan, value: Any) -> bool:
    """What proxies tell beats the nearest hop."""
    load.address = aliases.read_forwarded(value) or load.address
    return True


def take_agent(load: Load, plan: Plan, value: Any) -> bool:
    """The user agent."""
    load.agent = load.agent or str(aliases.first_of(value))[: limits.USER_AGENT_CHARS]
    return True


def take_path(load: Load, plan: Plan, value: Any) -> bool:
    """A path stays, and gives a route where none is named."""
    load.path = load.path or aliases.read_text(value)
    return keep(load, plan, value)


def take_status(load: Load, plan: Plan, value: Any) -> bool:
    """The HTTP status."""
    if load.status is None:
        load.status = aliases.read_status(value)
    return load.status is not None


def take_duration(load: Load, plan: Plan, value: Any) -> bool:
    """The first duration; further ones stay."""
    number = aliases.read_number(value)
    if number is None or load.duration is not None:
        return keep(load, plan, value)
    load.duration = number * plan.factor
    return True


def keep_apart(load: Load, plan: Plan, value: Any) -> bool:
    """A stack trace and its like."""
    load.restricted[plan.name] = bounds.bound_restricted(value)
    return True


def keep_unless_trace(load: Load, plan: Plan, value: Any) -> bool:
    """Names under which a stack trace may stand, and mostly something else does."""
    if type(value) is str and has_frames(value):
        return False
    return keep(load, plan, value)


def drop(load: Load, plan: Plan, value: Any) -> bool:
    """Known already."""
    return True


def go_long(load: Load, plan: Plan, value: Any) -> bool:
    """Names that are private themselves, that others explain, or that have to be cut."""
    return False


def recall_nothing(_text: str) -> str | None:
    """For names whose values are judged one by one."""
    return None


TAKES: Final[dict[str, Take]] = {
    "": keep, "peer": keep, "user_id": take_user, "client_address": take_address, "forwarded": take_forwarded,
    "user_agent": take_agent, "path": take_path, "http_status": take_status, "http_method": take_method,
    "ignored": drop, **dict.fromkeys(CARRIERS, go_long), RESTRICTED: keep_apart, TRACES: keep_unless_trace,
    **dict.fromkeys(aliases.DURATIONS, take_duration),
}  # fmt: skip
RECALLS: Final[dict[Kind, Callable[[str], str | None]]] = {Kind.SCAN: seen.young.get, Kind.ID: seen_ids.young.get}
LONG: Final = Plan(go_long, "", recall_nothing, treat(""), False)


def make_plan(name: str) -> Plan:
    """The plan of a log record's attribute, remembered."""
    if len(PLANS) >= REMEMBERED:
        PLANS.clear()
    PLANS[name] = plan = work_out(name)
    return plan


def work_out(name: str) -> Plan:
    """Reads the tables of normalising and redaction."""
    if type(name) is not str or len(name) > limits.KEY_CHARS or name in VALUE_KEYS or redact_text(name) != name:
        return LONG
    column, key = plan_of(name)
    treatment = treat(key)
    take = TAKES.get(column, take_column)
    return Plan(
        take,
        column if take is take_column else key,
        RECALLS.get(treatment.kind, recall_nothing),
        treatment,
        treatment.kind not in (Kind.DIGITS, Kind.SECRET),
        aliases.DURATIONS.get(column, 1.0),
    )
