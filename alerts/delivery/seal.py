"""The last redaction, on what is about to leave: whatever an integration, a template or a name in the settings put into a
message passes here, and only what has passed can be sent (`Sealed` is the one type of body that the client takes)."""

import html
import re
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Final, NewType

import orjson

from alerts.delivery.alert import Alert
from diagnostics.pipeline.redact import redact_text

Sealed = NewType("Sealed", bytes)

EMPTY: Final = Sealed(b"")
SHORTEST_KEPT: Final = 8  # a shorter text could stand inside of something private
Keep = re.Pattern[str] | None


def seal(payload: Any, keep: Iterable[str] = ()) -> Sealed:
    """JSON whose every text is redacted but for the texts in `keep`: our own links, keys and the receiver's credentials."""
    return Sealed(orjson.dumps(scrub(payload, compile_keep(keep))))


def seal_text(text: str, keep: Iterable[str] = ()) -> str:
    """The same for a text as a whole."""
    return scrub_text(text, compile_keep(keep))


def own_texts(alert: Alert) -> list[str]:
    """Texts of an alert that are ours, not a record's: ids, times and links, also as HTML writes them."""
    links = [getattr(alert.links, each.name) for each in fields(alert.links)]
    links += [link for member in alert.members for link in (member.link, member.acknowledge)]
    return [
        alert.id, alert.dedup_key, alert.trace_id, alert.started_at, alert.resolved_at, alert.back_at,
        *links, *(html.escape(link) for link in links),
    ]  # fmt: skip


def compile_keep(keep: Iterable[str]) -> Keep:
    """One pattern of all, the longest first."""
    words = sorted({word for word in keep if len(word) >= SHORTEST_KEPT}, key=len, reverse=True)
    return re.compile("(" + "|".join(re.escape(word) for word in words) + ")") if words else None


def scrub(value: Any, keep: Keep) -> Any:
    """The same structure with its texts redacted; keys of objects are texts, too."""
    if isinstance(value, str):
        return scrub_text(value, keep)
    if isinstance(value, dict):
        return {scrub_text(str(name), keep): scrub(item, keep) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [scrub(item, keep) for item in value]
    return value


def scrub_text(text: str, keep: Keep) -> str:
    """What stands between kept texts is redacted."""
    if keep is None:
        return redact_text(text, "outgoing")
    parts = keep.split(text)  # what was kept stands at the odd places
    return "".join(part if place % 2 else redact_text(part, "outgoing") for place, part in enumerate(parts))
