"""Alert API bodies of Opsgenie and Jira Service Management, within their limits."""

from typing import Any, Final

from alerts.delivery.alert import Alert
from alerts.integrations.text import cut, facts_of, headline, message_lines, named_links

MESSAGE_CHARS: Final = 130
ALIAS_CHARS: Final = 512
DESCRIPTION_CHARS: Final = 15_000
DETAILS_CHARS: Final = 8_000  # names and values together
TAG_CHARS: Final = 50
ENTITY_CHARS: Final = 512
NOTE_CHARS: Final = 25_000
PRIORITIES: Final = {"critical": "P1", "error": "P2", "warning": "P3", "info": "P5"}
SOURCE: Final = "Diagnostics"


def alias_of(alert: Alert) -> str:
    """Letters, digits and a dash: it stands in addresses, and no text of a record is in it."""
    return f"{alert.dedup_key}-{alert.id if alert.action == 'test' else alert.incident_id}"[:ALIAS_CHARS]


def build_alert(alert: Alert) -> dict[str, Any]:
    """A new alert; while one of this alias is open, the service counts it instead of opening another."""
    said = headline(alert) if alert.action == "test" else alert.title
    found = {
        "message": cut(f"[{alert.environment}] {said}", MESSAGE_CHARS),
        "alias": alias_of(alert),
        "description": cut(description_of(alert), DESCRIPTION_CHARS),
        "priority": priority_of(alert),
        "source": SOURCE,
        "entity": cut(alert.service, ENTITY_CHARS),
        "tags": [cut(tag, TAG_CHARS) for tag in (alert.environment, alert.severity, alert.service) if tag],
        "details": details_of(alert),
    }
    return {name: value for name, value in found.items() if value}


def priority_of(alert: Alert) -> str:
    """In their words."""
    return PRIORITIES.get(alert.severity, "P3")


def build_note(alert: Alert) -> dict[str, Any]:
    """What goes with acknowledge and close."""
    return {"source": SOURCE, "user": SOURCE, "note": cut(headline(alert), NOTE_CHARS)}


def description_of(alert: Alert) -> str:
    """The sentence, the messages, the links."""
    links = [f"{words}: {address}" for words, address in named_links(alert)]
    parts = [alert.summary, "\n".join(message_lines(alert, 250)), "\n".join(links)]
    return "\n\n".join(part for part in parts if part)


def details_of(alert: Alert) -> dict[str, str]:
    """Facts as texts, as many as fit together; what is left out is named."""
    details: dict[str, str] = {}
    left = DETAILS_CHARS - 100
    for name, value in facts_of(alert):
        left -= len(name) + len(value)
        if left < 0:
            details["More"] = "Left out for their length; open the incident."
            break
        details[name] = value
    return details
