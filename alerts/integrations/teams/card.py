"""An Adaptive Card 1.4 that fits into what Workflows pass on: about 28 KB after Teams has made UTF-16 of it, with refusals
seen from 14 KB; so at most 12,000 bytes of ASCII-escaped JSON. What is left out is named."""

import json
from typing import Any, Final

from alerts.delivery.alert import Alert
from alerts.delivery.seal import own_texts, seal_text
from alerts.integrations.text import cut, facts_of, is_over, message_lines, named_links, subject

CONTENT_TYPE: Final = "application/vnd.microsoft.card.adaptive"
BYTES: Final = 12_000
ACTIONS: Final = 6
COLORS: Final = {"critical": "Attention", "error": "Attention", "warning": "Warning", "info": "Accent"}
TEXT_CHARS: Final = 1000
SHORT: Final = {
    "type": "TextBlock",
    "text": "Too long for Teams: open the incident for the rest.",
    "isSubtle": True,
    "wrap": True,
}


def build_card(alert: Alert) -> dict[str, Any]:
    """The whole, without the messages, or title and link: the first that fits."""
    title = text_block(subject(alert), weight="Bolder", size="Large", color=color_of(alert))
    facts = {
        "type": "FactSet",
        "facts": [{"title": plain(name), "value": value_of(value, alert)} for name, value in facts_of(alert)],
    }
    sentence = [text_block(alert.summary)] if alert.summary else []
    messages = [text_block(line) for line in message_lines(alert, 250)] if alert.action != "resolve" else []
    for body in ([title, *sentence, facts, *messages], [title, *sentence, facts, SHORT], [title, SHORT]):
        card = frame(body, alert)
        if size_of(card) <= BYTES:
            break
    return card


def frame(body: list[dict[str, Any]], alert: Alert) -> dict[str, Any]:
    """A card. Only links work in Workflows' cards; buttons that act do not."""
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "full"},
        "fallbackText": cut(subject(alert), 300),
        "body": body,
        "actions": [
            {"type": "Action.OpenUrl", "title": words, "url": address}
            for words, address in named_links(alert)
            if len(address) <= 1500
        ][:ACTIONS],
    }


def envelope(card: dict[str, Any]) -> dict[str, Any]:
    """What the template 'post to a channel when a webhook request is received' takes."""
    content = {"contentType": CONTENT_TYPE, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}


def text_block(text: str, **look: Any) -> dict[str, Any]:
    """Text that wraps."""
    return {"type": "TextBlock", "text": plain(cut(text, TEXT_CHARS)), "wrap": True, **look}


def value_of(value: str, alert: Alert) -> str:
    """A fact; ids of ours stay as they are."""
    return value if value in own_texts(alert) else plain(cut(value, 300))


def color_of(alert: Alert) -> str:
    """Teams takes names, not values."""
    return "Good" if is_over(alert) else COLORS.get(alert.severity, "Attention")


def plain(text: str) -> str:
    """Cards read Markdown: a record must make no link and no mention. Redacted before the signs that would hide a secret."""
    text = seal_text(text)
    for sign in "\\`*_[]<>":
        text = text.replace(sign, f"\\{sign}" if sign not in "<>" else {"<": "&lt;", ">": "&gt;"}[sign])
    return text.replace("://", ":\N{ZERO WIDTH SPACE}//")


def size_of(card: dict[str, Any]) -> int:
    """Bytes as Teams counts them at worst, in the larger of the two envelopes."""
    return len(json.dumps(envelope(card)))
