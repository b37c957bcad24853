"""Templates of people: `{{ name }}` from a closed list of texts and nothing else. No logic, no attributes, no calls: a
template can only say what the alert says already."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

import orjson

from alerts.delivery.alert import Alert
from alerts.integrations.text import describe_state, headline, message_lines, span

LONGEST_TEMPLATE: Final = 10_000
LONGEST_RESULT: Final = 64 * 1024
PLACE: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
NAMES: Final = (
    "id", "action", "state", "headline", "title", "summary", "severity", "environment", "environment_kind", "rule",
    "service", "route", "release", "incident_id", "dedup_key", "started_at", "resolved_at", "value", "change", "news", "trace_id",
    "told_after", "messages", "sessions", "users", "deploy", "link_incident", "link_logs", "link_trace", "link_session",
    "link_rule", "link_silence", "link_runbook", "link_monitor",
)  # fmt: skip


def variables_of(alert: Alert) -> dict[str, str]:
    """Every name that a template may use, as text."""
    found: dict[str, Any] = {name: getattr(alert, name) for name in NAMES if hasattr(alert, name)}
    found |= {
        "state": describe_state(alert),
        "headline": headline(alert),
        "told_after": "" if alert.told_after_ms is None else span(alert.told_after_ms),
        "value": "" if alert.value is None else f"{alert.value:g}",
        "messages": "\n".join(message_lines(alert, 250)),
    }
    for name in NAMES:
        if name.startswith("link_"):
            found[name] = getattr(alert.links, name.removeprefix("link_"))
    return {name: str(value) for name, value in found.items()}


def check_template(text: str, label: str) -> list[str]:
    """What is wrong with a template, in words."""
    if len(text) > LONGEST_TEMPLATE:
        return [f"{label}: at most {LONGEST_TEMPLATE:,} characters."]
    unknown = sorted({match.strip() for match in PLACE.findall(text)} - set(NAMES))
    if unknown:
        return [f"{label}: there is no '{unknown[0][:40]}'; use {', '.join(NAMES)}."]
    if "{%" in text or "{#" in text:
        return [f"{label}: only {{{{ name }}}} is understood; templates have no logic."]
    return []


def fill(text: str, variables: Mapping[str, str], escape: Callable[[str], str]) -> str:
    """The template with each place filled once: what a value says is never read as a template."""
    return PLACE.sub(lambda match: escape(variables.get(match[1].strip(), "")), text)[:LONGEST_RESULT]


def inside_json(text: str) -> str:
    """To stand between the quotes of a JSON string."""
    return orjson.dumps(text).decode()[1:-1]


def inside_url(text: str) -> str:
    """To stand in a query or a form."""
    return quote(text, safe="")


def inside_header(text: str) -> str:
    """To stand in a header: one line of printable ASCII."""
    return "".join(sign if " " <= sign <= "~" else " " for sign in text)[:500].strip()


def as_it_is(text: str) -> str:
    """Plain text."""
    return text
