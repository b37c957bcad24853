"""JSON inside text: read, redacted as a structure (nested names, lists, numbers), and written back as it was written."""

import json
from collections.abc import Callable
from typing import Any, Final

DEPTH: Final = 3  # JSON in a string in JSON in a string
DOCUMENTS: Final = 4  # of one text that are tried
SHORTEST: Final = 8
LONGEST: Final = 70_000  # characters; the largest body that is kept, longer ones are looked at as text only
DECODER: Final = json.JSONDecoder()

Redact = Callable[[Any, int], Any]
walker: list[Redact] = []  # set by `values`, which itself redacts texts: the two need each other


def redact_documents(text: str, depth: int, walk: Redact | None = None) -> str | None:
    """The text with its JSON documents redacted, or None where there is nothing to change."""
    if depth >= DEPTH or not SHORTEST <= len(text) <= LONGEST or not walker:
        return None
    walk = walk or walker[0]
    pieces, done, changed = [], 0, False
    for _ in range(DOCUMENTS):
        start = find_document(text, done)
        if start < 0:
            break
        document, end = read_document(text, start)
        if end < 0:
            pieces.append(text[done : start + 1])
            done = start + 1
            continue
        clean = walk(document, depth + 1)
        same = clean == document
        changed = changed or not same
        pieces += text[done:start], text[start:end] if same else write_like(text[start:end], clean)
        done = end
    return "".join([*pieces, text[done:]]) if changed else None


def find_document(text: str, start: int) -> int:
    """Where the next object or list of strings opens."""
    places = [place for sign in ('{"', '["', '[{"', '{ "', "{\n") if (place := text.find(sign, start)) >= 0]
    return min(places, default=-1)


def read_document(text: str, start: int) -> tuple[Any, int]:
    """The document and where it ends; -1 where it is none."""
    try:
        return DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, -1


def write_like(source: str, document: Any) -> str:
    """Writes with the source's spacing, so that only values differ."""
    indent = None
    if "\n" in source:
        line = source.split("\n", 2)[1]
        indent = len(line) - len(line.lstrip(" ")) or 2
    comma, colon = (", " if '", "' in source or ', "' in source else ","), (": " if '": ' in source else ":")
    separators = (",", ": ") if indent else (comma, colon)
    return json.dumps(document, ensure_ascii=source.isascii(), indent=indent, separators=separators)
