"""Block Kit, within Slack's limits. Texts are escaped, and `verbatim` keeps Slack from making links and mentions of what
looks like them: a record must ping nobody."""

from typing import Any, Final

from alerts.delivery.alert import Alert
from alerts.integrations.text import cut, facts_of, is_over, message_lines, named_links, subject

HEADER_CHARS: Final = 150
SECTION_CHARS: Final = 2900  # the limit is 3000
FIELD_CHARS: Final = 300  # the limit is 2000, but all of a message must fit
MESSAGE_CHARS: Final = 250
URL_CHARS: Final = 3000
FIELDS: Final = 10
ALL_CHARS: Final = 9000  # Slack refuses messages above about 11,000 although each block is legal
FENCE: Final = "```"
QUOTES: Final = "'''"
TOO_LONG: Final = "Too long for Slack: open the incident for the rest."
MARKS: Final = {
    "critical": "\N{LARGE RED CIRCLE}", "error": "\N{LARGE RED CIRCLE}", "warning": "\N{LARGE ORANGE CIRCLE}",
    "info": "\N{LARGE BLUE CIRCLE}",
}  # fmt: skip


def build_message(alert: Alert, *, with_acts: bool = False, with_messages: bool = False) -> dict[str, Any]:
    """Blocks, and the text that notifications and screen readers show.

    `with_acts`: buttons that come back to us. `with_messages`: even when it is over, because this replaces the message
    that had them.
    """
    title = cut(f"{mark_of(alert)} {subject(alert)}", HEADER_CHARS)
    header = {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": True}}
    sentence = [section(escape(alert.summary))] if alert.summary else []
    messages = []
    if alert.messages and (with_messages or alert.action != "resolve"):
        messages = [section(fence([escape(line) for line in message_lines(alert, MESSAGE_CHARS)]))]
    actions = {"type": "actions", "elements": [*(acts_of(alert) if with_acts else []), *buttons_of(alert)]}
    facts = fields_of(alert)
    for middle in ([*facts, *messages], [*facts, section(TOO_LONG)], [*facts[:1], section(TOO_LONG)]):
        blocks = [header, *sentence, *middle, actions]
        if size_of(blocks) <= ALL_CHARS:
            break
    return {"text": escape(title), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def mark_of(alert: Alert) -> str:
    """The colour of the state."""
    return "\N{LARGE GREEN CIRCLE}" if is_over(alert) else MARKS.get(alert.severity, MARKS["error"])


def size_of(blocks: list[dict[str, Any]]) -> int:
    """Characters of all texts together."""
    total = 0
    for block in blocks:
        texts = [block.get("text"), *block.get("fields", []), *(item["text"] for item in block.get("elements", []))]
        total += sum(len(text["text"]) for text in texts if text)
    return total


def section(text: str) -> dict[str, Any]:
    """A block of text."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, SECTION_CHARS), "verbatim": True}}


def fence(lines: list[str]) -> str:
    """Lines as they are: Slack reads no stars and underlines there, and a record cannot end it."""
    body = cut("\n".join(lines).replace(FENCE, QUOTES), SECTION_CHARS - 2 * len(FENCE) - 2)
    return f"{FENCE}\n{body}\n{FENCE}"


def fields_of(alert: Alert) -> list[dict[str, Any]]:
    """All facts, ten a block."""
    fields = [field(name, value) for name, value in facts_of(alert)]
    return [{"type": "section", "fields": fields[at : at + FIELDS]} for at in range(0, len(fields), FIELDS)]


def field(name: str, value: str) -> dict[str, Any]:
    """A name and its value."""
    return {"type": "mrkdwn", "text": cut(f"*{name}*\n{escape(value)}", FIELD_CHARS), "verbatim": True}


def buttons_of(alert: Alert) -> list[dict[str, Any]]:
    """Links to where the work is done."""
    return [
        {"type": "button", "text": {"type": "plain_text", "text": words}, "url": url}
        for words, url in named_links(alert)
        if len(url) <= URL_CHARS and words not in ("Acknowledge", "Rule")
    ][:10]


def acts_of(alert: Alert) -> list[dict[str, Any]]:
    """Buttons that Slack sends to us, signed; the value names the incident, the signature vouches for it."""
    if alert.action in ("resolve", "test"):
        return []
    acts = (
        [("resolve", "Resolve")]
        if alert.action == "acknowledge"
        else [("acknowledge", "Acknowledge"), ("resolve", "Resolve")]
    )
    return [
        {
            "type": "button",
            "text": {"type": "plain_text", "text": words},
            "action_id": name,
            "value": str(alert.incident_id),
        }
        for name, words in acts
    ]


def escape(text: str) -> str:
    """Slack's three characters; without them there are no mentions, links or channels."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
