"""What a policy would do: to recent records, which are clean already, and to a text that is pasted and never kept."""

from dataclasses import dataclass, field, fields
from typing import Any, Final

import orjson

from diagnostics.core import clock
from diagnostics.core.record import Parsed, Record
from diagnostics.models import Environment, LogRecord
from diagnostics.pipeline.context import NO_CLIENT, EnvironmentContext
from diagnostics.pipeline.policy import Policy
from diagnostics.pipeline.run import process
from diagnostics.privacy.pseudonyms import present_key

RECENT: Final = 20
SAMPLE_CHARS: Final = 20_000
SHOWN_CHARS: Final = 600
SAME_NAMES: Final = ("body", "service_name", "logger", "event_name", "error_type", "journey_id")


@dataclass(slots=True)
class Change:
    """One text before and after."""

    what: str
    before: str
    after: str
    restricted: list[str] = field(default_factory=list)  # names that would be encrypted

    @property
    def is_changed(self) -> bool:
        """Whether there is a difference to see."""
        return self.before != self.after or bool(self.restricted)


def preview_sample(environment: Environment, policy: Policy, sample: str) -> list[Change]:
    """Each pasted line: JSON objects as records with attributes, anything else as a record's text."""
    lines = [line for line in sample[:SAMPLE_CHARS].splitlines() if line.strip()][:RECENT]
    return [try_record(environment, policy, f"line {number}", line) for number, line in enumerate(lines, 1)]


def try_record(environment: Environment, policy: Policy, what: str, line: str) -> Change:
    """One line through the real steps."""
    record = clean(environment, policy, record_of(line))
    return Change(what, line[:SHOWN_CHARS], text_of(record)[:SHOWN_CHARS], sorted(record.restricted))


def record_of(line: str) -> Record:
    """As a sender would have sent it."""
    now = clock.now_ns()
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        return Record(now, now, body=line)
    body = found.pop("message", found.pop("body", ""))
    return Record(now, now, body=body if isinstance(body, str) else str(body), attributes=found)


def clean(environment: Environment, policy: Policy, record: Record) -> Record:
    """By the steps that records of senders take."""
    context = EnvironmentContext(environment.pk, environment.slug, present_key(environment), policy=policy)
    return process(Parsed([record]), context, NO_CLIENT).records[0]


def preview_recent(environment: Environment, policy: Policy) -> list[Change]:
    """The newest records as they are stored, and as they would be had they come now."""
    rows = LogRecord.objects.filter(environment_id=environment.pk).order_by("-timestamp")[:RECENT]
    found = []
    for row in rows:
        before = copy_of(row)
        after = clean(environment, policy, copy_of(row))
        found.append(
            Change(row.reference, text_of(before)[:SHOWN_CHARS], text_of(after)[:SHOWN_CHARS], sorted(after.restricted))
        )
    return found


def copy_of(row: LogRecord) -> Record:
    """A stored record in flight again."""
    known = {item.name for item in fields(Record)}
    values: dict[str, Any] = {name: getattr(row, name) for name in SAME_NAMES if name in known}
    moment = clock.to_ns(row.timestamp)
    return Record(moment, moment, **values, attributes=dict(row.attributes))


def text_of(record: Record) -> str:
    """The text and its attributes, as a person reads them."""
    attributes = orjson.dumps(record.attributes, option=orjson.OPT_SORT_KEYS).decode() if record.attributes else ""
    journey = f"journey {record.journey_id}" if record.journey_id else ""
    user = f"user {record.user_key}" if record.user_key else ""
    return "  ".join(filter(None, (record.body, attributes, journey, user, record.client_network)))
