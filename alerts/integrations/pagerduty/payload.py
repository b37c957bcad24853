"""Events API v2 bodies. The vendor's own schema knows no lengths; these are the limits that its service enforces."""

from typing import Any, Final

from alerts.delivery.alert import Alert
from alerts.delivery.seal import Sealed, own_texts, seal
from alerts.integrations.text import cut, facts_of, headline, message_lines, named_links

SUMMARY_CHARS: Final = 1024
KEY_CHARS: Final = 255
BYTES: Final = 512_000
SEVERITIES: Final = frozenset({"critical", "error", "warning", "info"})
TOO_LARGE: Final = {"omitted": "The details were too large. Open the incident to see them."}


def build_event(alert: Alert, routing_key: str, action: str) -> Sealed:
    """trigger, acknowledge or resolve; the key is our own, so that a repeated event opens nothing twice."""
    event: dict[str, Any] = {"routing_key": routing_key, "event_action": action, "dedup_key": key_of(alert)}
    if action == "trigger":
        event |= {
            "payload": payload_of(alert),
            "client": "Diagnostics",
            "client_url": alert.links.incident,
            "links": [{"href": address, "text": words} for words, address in named_links(alert)],
        }
    keep = [*own_texts(alert), routing_key, event["dedup_key"]]
    body = seal(event, keep)
    if len(body) > BYTES:
        event["payload"]["custom_details"] = TOO_LARGE
        body = seal(event, keep)
    return body


def key_of(alert: Alert) -> str:
    """One alert there for one incident here; a test never touches a real one."""
    return f"{alert.dedup_key}-{alert.id if alert.action == 'test' else alert.incident_id}"[:KEY_CHARS]


def payload_of(alert: Alert) -> dict[str, Any]:
    """What is wrong and where."""
    said = headline(alert) if alert.action == "test" else alert.summary or alert.title
    payload = {
        "summary": cut(f"[{alert.environment}] {said}", SUMMARY_CHARS),
        "severity": alert.severity if alert.severity in SEVERITIES else "error",
        "source": alert.service or alert.environment,
        "component": alert.service,
        "group": alert.environment,
        "class": alert.rule,
        "timestamp": alert.started_at,
        "custom_details": details_of(alert),
    }
    return {name: value for name, value in payload.items() if value}


def details_of(alert: Alert) -> dict[str, str]:
    """Facts, and the most frequent messages."""
    details = {"What": alert.title, **dict(facts_of(alert))}
    for number, line in enumerate(message_lines(alert, 500), 1):
        details[f"Message {number}"] = line
    return details


def build_change(alert: Alert, routing_key: str) -> Sealed:
    """A change event: what was deployed before the incident, shown beside it."""
    change = {
        "routing_key": routing_key,
        "payload": {
            "summary": cut(alert.deploy, SUMMARY_CHARS),
            "source": alert.service or alert.environment,
            "custom_details": {"environment": alert.environment, "release": alert.release},
        },
        "links": [{"href": alert.links.incident, "text": "Incident"}],
    }
    return seal(change, [*own_texts(alert), routing_key])
