"""Reading Sentry's envelope: a header line, then items, each a header line and a payload (develop.sentry.dev, envelopes)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from diagnostics.core.errors import BadInput
from diagnostics.ingest.formats.json_halves import load_json

MOST_ITEMS: Final = 1000
BLANK: Final = re.compile(rb"\s+")


@dataclass(frozen=True, slots=True)
class Item:
    """One item: what it says of itself, and its bytes."""

    kind: str
    header: dict[str, Any]
    payload: bytes


def read_header(body: bytes) -> dict[str, Any]:
    """The envelope's header, or BadInput."""
    line, _, _ = body.partition(b"\n")
    return read_object(line, "envelope header")


def read_items(body: bytes) -> Iterator[Item]:
    """The items in their order. One that claims more bytes than there are is BadInput: nothing was stored."""
    position = body.find(b"\n") + 1
    count = 0
    while 0 < position < len(body):
        if blank := BLANK.match(body, position):
            position = blank.end()
            continue
        end = body.find(b"\n", position)
        line = body[position:] if end < 0 else body[position:end]
        position = len(body) if end < 0 else end + 1
        count += 1
        if count > MOST_ITEMS:
            raise BadInput(f"items: more than {MOST_ITEMS} in one envelope; send smaller envelopes")
        header = read_object(line, "item header")
        payload, position = read_payload(body, position, header.get("length"))
        kind = header.get("type")
        yield Item(kind if isinstance(kind, str) else "", header, payload)


def read_payload(body: bytes, position: int, length: Any) -> tuple[bytes, int]:
    """(payload, where the next item begins): so many bytes, or up to the end of the line."""
    if isinstance(length, int) and not isinstance(length, bool):
        if length < 0 or position + length > len(body):
            raise BadInput("item header: length is beyond the end of the envelope; nothing was stored")
        return body[position : position + length], position + length + 1
    end = body.find(b"\n", position)
    return (body[position:], len(body)) if end < 0 else (body[position:end], end + 1)


def read_object(line: bytes, what: str) -> dict[str, Any]:
    """A JSON object, or BadInput that names what it should have been."""
    try:
        found = load_json(line)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise BadInput(f"{what}: a JSON object is needed; nothing was stored")
    return found
