"""The way of a record under a policy: named attributes first, then the steps that every record takes.

What the policy allows, masks or restricts is set aside before the other steps and put back after them, so that no step
changes it again.
"""

from collections.abc import Mapping
from typing import Any, Final

from diagnostics.core import limits
from diagnostics.core.record import Record, SpanRecord
from diagnostics.pipeline import aliases, bounds
from diagnostics.pipeline.context import ClientContext, EnvironmentContext
from diagnostics.pipeline.enrich import enrich_log, enrich_span
from diagnostics.pipeline.normalise import normalise_log, normalise_span
from diagnostics.pipeline.policy.model import Action, Policy
from diagnostics.pipeline.policy.redactor import redactor_of
from diagnostics.pipeline.pseudonym import user_key
from diagnostics.pipeline.redact.records import LOG_COLUMNS, SPAN_COLUMNS

MASKED: Final = "[masked]"
RESTRICTED: Final = "[restricted]"
PSEUDONYM_CHARS: Final = 16
DEEPEST: Final = 4  # nesting in which names are looked for
# What identifies people becomes pseudonym, network and device whatever the policy says of its name; it can be kept
# among the restricted fields beside that, or dropped before.
PERSONAL: Final = frozenset({"user_id", "client_address", "forwarded", "peer", "user_agent"})
ADDRESS_NAME: Final = "client.address"
AGENT_NAME: Final = "user_agent.original"


class PolicyWay:
    """The steps for one request's records and spans."""

    def __init__(self, environment: EnvironmentContext, client: ClientContext) -> None:
        if environment.policy is None:
            raise ValueError("the environment has no policy of its own")
        self.environment, self.client = environment, client
        self.policy: Policy = environment.policy
        self.redactor = redactor_of(self.policy)

    def clean_log(self, record: Record) -> None:
        """One record, in place."""
        if record.resource is not None:
            record.attributes, record.resource = {**record.resource, **record.attributes}, None
        record.journey_id = self.journey_of(record) or record.journey_id
        aside: dict[str, Any] = {}
        restricted: dict[str, Any] = {}
        record.attributes = self.sort(record.attributes, aside, restricted)
        normalise_log(record)
        self.keep_client(record, restricted)
        enrich_log(record, self.environment, self.client)
        redactor = self.redactor
        record.body = redactor.text(record.body)
        record.attributes = {**redactor.mapping(record.attributes), **bounded(aside)}
        record.restricted = {**redactor.mapping(record.restricted), **bounded(restricted)}
        self.clean_columns(record, LOG_COLUMNS)

    def clean_span(self, span: SpanRecord) -> None:
        """One span, in place; spans have no restricted fields, so a sign stands there instead."""
        span.journey_id = self.journey_of(span) or span.journey_id
        aside: dict[str, Any] = {}
        restricted: dict[str, Any] = {}
        span.attributes = self.sort(span.attributes, aside, restricted)
        span.events = [self.sort_event(event) for event in span.events]
        normalise_span(span)
        enrich_span(span, self.environment)
        redactor = self.redactor
        span.name, span.status_message = redactor.text(span.name), redactor.text(span.status_message)
        signs = dict.fromkeys(restricted, RESTRICTED)
        span.attributes = {**redactor.mapping(span.attributes), **bounded(aside), **bounded(signs)}
        span.events = [redactor.value(event) for event in span.events]
        self.clean_columns(span, SPAN_COLUMNS)

    def clean_columns(self, item: Record | SpanRecord, names: tuple[str, ...]) -> None:
        """What senders fill: ids, names of things, versions."""
        for name in names:
            value = getattr(item, name)
            if value:
                setattr(item, name, self.redactor.text(value, numbers=False))

    def sort(
        self,
        attributes: Mapping[Any, Any],
        aside: dict[str, Any],
        restricted: dict[str, Any],
        path: str = "",
        depth: int = 0,
    ) -> dict[Any, Any]:
        """The attributes that the policy says nothing of; the others are treated, dropped, or set aside by their path."""
        left: dict[Any, Any] = {}
        for key, value in attributes.items():
            name = f"{path}.{key}" if path else str(key)
            action = self.policy.action_of(bounds.bound_key(name))
            if action is None:
                is_deeper = isinstance(value, Mapping) and depth < DEEPEST
                left[key] = self.sort(value, aside, restricted, name, depth + 1) if is_deeper else value
            else:
                self.treat(action, key, name, value, left, aside, restricted)
        return left

    def treat(
        self,
        action: Action,
        key: Any,
        name: str,
        value: Any,
        left: dict[Any, Any],
        aside: dict[str, Any],
        restricted: dict[str, Any],
    ) -> None:
        """One attribute that the policy names."""
        is_personal = aliases.LIFTS.get(name, "") in PERSONAL
        if action is Action.RESTRICT:
            restricted[name] = value
        if is_personal and action is not Action.DROP:
            left[key] = value  # becomes a pseudonym, a network or a device, as everywhere
        elif action is Action.ALLOW:
            aside[name] = value
        elif action is Action.MASK:
            aside[name] = MASKED
        elif action is Action.PSEUDONYMISE:
            aside[name] = self.pseudonym(value)

    def journey_of(self, item: Record | SpanRecord) -> str:
        """The attribute of the journey, treated as the policy treats it: a pseudonym still groups, what is masked, kept
        apart or dropped names no journey."""
        name = self.policy.journey
        action = self.policy.action_of(name) if name else None
        if action in (Action.MASK, Action.RESTRICT, Action.DROP):
            return ""
        text = take_journey(item, name)
        return self.pseudonym(text) if action is Action.PSEUDONYMISE else text

    def pseudonym(self, value: Any) -> str:
        """Equal values of an environment stay equal; nobody can tell what they were."""
        text = value if isinstance(value, str) else repr(value)
        return f"[pseudonym:{user_key(self.environment.pseudonym_key, text)[:PSEUDONYM_CHARS]}]" if text else ""

    def sort_event(self, event: Any) -> Any:
        """A span's event; nothing of it is set aside, because it has its own place in time."""
        inner = event.get("attributes") if isinstance(event, dict) else None
        if not isinstance(inner, dict):
            return event
        aside: dict[str, Any] = {}
        restricted: dict[str, Any] = {}
        left = self.sort(inner, aside, restricted)
        return {**event, "attributes": {**left, **aside, **dict.fromkeys(restricted, RESTRICTED)}}

    def keep_client(self, record: Record, restricted: dict[str, Any]) -> None:
        """The whole address and agent, where the policy wants them kept apart instead of dropped."""
        client = self.client if self.client.is_end_user else None
        if self.policy.restrict_address and (address := record.client_address or (client.address if client else "")):
            restricted.setdefault(ADDRESS_NAME, address)
        if self.policy.restrict_agent and (agent := record.user_agent or (client.user_agent if client else "")):
            restricted.setdefault(AGENT_NAME, agent)


def bounded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Storable, like everything else."""
    pairs = list(values.items())[: limits.ATTRIBUTES]
    return {bounds.bound_key(name): bounds.bound_value(value) for name, value in pairs}


def take_journey(item: Record | SpanRecord, name: str) -> str:
    """What the attribute says that the operator named, taken out of the others; it beats what the sender calls a journey."""
    attributes = item.attributes
    if not name or type(attributes) is not dict or name not in attributes:
        return ""
    text = aliases.read_text(attributes[name])
    if text:
        item.attributes = {key: value for key, value in attributes.items() if key != name}
    return text
