"""Slack by incoming webhook, with Block Kit. Success is the word `ok`. Texts are escaped, and `verbatim` keeps Slack from
making links and mentions of what looks like them: a record must ping nobody."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from alerts.delivery import http
from alerts.delivery.alert import Alert
from alerts.delivery.errors import DeliveryError
from alerts.integrations.base import Field, check_reply, missing_fields
from alerts.integrations.text import describe_state

HEADER_CHARS: Final = 150
SECTION_CHARS: Final = 2900  # Slack's limit is 3000
FIELD_CHARS: Final = 300
MESSAGE_CHARS: Final = 250
MARKS: Final = {
    "critical": "\N{LARGE RED CIRCLE}", "error": "\N{LARGE RED CIRCLE}", "warning": "\N{LARGE ORANGE CIRCLE}",
    "info": "\N{LARGE BLUE CIRCLE}",
}  # fmt: skip


class Slack:
    """The registry's entry."""

    label = "Slack"
    fields: tuple[Field, ...] = (
        Field(
            "url",
            "Incoming webhook address",
            "https://hooks.slack.com/services/… from the Slack app's page.",
            is_secret=True,
        ),
    )

    def validate(self, config: Mapping[str, Any], secrets: Mapping[str, str]) -> list[str]:
        """The address is needed."""
        return missing_fields(self.fields, config, secrets)

    def send(self, alert: Alert, config: Mapping[str, Any], secrets: Mapping[str, str]) -> int | None:
        """POST the message. Slack answers 200 with another word than `ok` for some errors."""
        body = orjson.dumps(build_message(alert))
        reply = http.post(secrets.get("url", ""), body, {"content-type": "application/json"})
        status = check_reply(reply)
        if reply.text.strip() != "ok":
            raise DeliveryError("Slack did not take the message", permanent=True, status=status)
        return status


def build_message(alert: Alert) -> dict[str, Any]:
    """Blocks, and the text that notifications and screen readers show."""
    mark = "\N{LARGE GREEN CIRCLE}" if alert.action == "resolve" else MARKS[alert.severity]
    title = f"{mark} {describe_state(alert)}: {alert.title}"
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": title[:HEADER_CHARS], "emoji": True}},
        section(f"*{escape(alert.summary)}*"),
        {"type": "section", "fields": [field(name, value) for name, value in facts_of(alert)][:10]},
    ]
    if alert.messages and alert.action != "resolve":
        lines = [f"{count}\N{MULTIPLICATION SIGN} {escape(text[:MESSAGE_CHARS])}" for text, count in alert.messages]
        blocks.append(section("\n".join(lines)))
    blocks.append({"type": "actions", "elements": buttons_of(alert)})
    return {"text": escape(title[:HEADER_CHARS]), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def section(text: str) -> dict[str, Any]:
    """A block of text."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:SECTION_CHARS], "verbatim": True}}


def field(name: str, value: str) -> dict[str, Any]:
    """A name and its value."""
    return {"type": "mrkdwn", "text": f"*{name}*\n{escape(value)}"[:FIELD_CHARS], "verbatim": True}


def facts_of(alert: Alert) -> list[tuple[str, str]]:
    """What is known, in few words."""
    facts = [
        ("Environment", alert.environment), ("Severity", alert.severity), ("Service", alert.service),
        ("Release", alert.release), ("Since", alert.started_at[:19].replace("T", " ") + " UTC"),
        ("Changed before", alert.deploy), ("Trace", alert.trace_id),
        ("Affected", f"{alert.sessions} sessions, {alert.users} users" if alert.sessions else ""),
    ]  # fmt: skip
    return [(name, value) for name, value in facts if value]


def buttons_of(alert: Alert) -> list[dict[str, Any]]:
    """Links to where the work is done."""
    links = [("Incident", alert.links.incident), ("Logs", alert.links.logs), ("Trace", alert.links.trace),
             ("Session", alert.links.session), ("Runbook", alert.links.runbook)]  # fmt: skip
    return [
        {"type": "button", "text": {"type": "plain_text", "text": text}, "url": url}
        for text, url in links
        if url and len(url) <= 3000
    ]


def escape(text: str) -> str:
    """Slack's three characters; without them there are no mentions, links or channels."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
