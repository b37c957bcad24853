"""Makes any value storable: no NUL or lone surrogate, finite numbers, bounded length, depth and count."""

import math
import re
from typing import Any, Final

from diagnostics.core import clock, limits

LARGEST: Final = 2**63 - 1  # beyond, JSON readers and PostgreSQL disagree about integers
WITHHELD_SIZE: Final = "[too large]"  # what stands for a value beyond the record's bound
NUMBERS: Final = (int, float)  # as tuples: `int | float` would be built anew at each call
BYTES: Final = (bytes, bytearray)
SEQUENCES: Final = (list, tuple)
ENTRIES: Final = limits.ATTRIBUTES  # of one nested container
# A cut must not leave half of something private: the last word goes, and number groups before it.
LAST_WORD: Final = re.compile(r"\S{1,256}\Z")
GROUPS: Final = re.compile(r"(?:[\s()+-]{0,3}[A-Z0-9]{1,6}){0,9}\s*\Z")


def is_sound(text: str) -> bool:
    """The common case: nothing that a database would refuse."""
    return "\x00" not in text and (text.isascii() or not has_surrogates(text))


def has_surrogates(text: str) -> bool:
    """Halves of a character, which no encoding can write."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def mend_text(text: str) -> str:
    """The text with what cannot be stored replaced by the replacement character."""
    if is_sound(text):
        return text
    return text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def cut_text(text: str, limit: int) -> str:
    """At most `limit` characters, ending between words."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    tail = LAST_WORD.search(head[-256:])
    if tail:
        head = head[: len(head) - len(tail[0])]
    groups = GROUPS.search(head[-64:])
    return (head[: len(head) - len(groups[0])] if groups else head).rstrip()


def bound_text(text: str, limit: int) -> str:
    """Storable and no longer than `limit`."""
    return cut_text(mend_text(text), limit)


def bound_name(text: Any, limit: int = limits.NAME_CHARS) -> str:
    """A short column's text: one line, bounded."""
    if type(text) is not str:
        text = "" if text is None else str(bound_value(text))
    name: str = text
    if len(name) <= limit and name.isprintable():
        return name.strip()
    return " ".join(mend_text(name[:limit]).splitlines()).strip()


def bound_key(key: Any) -> str:
    """An attribute's name."""
    if type(key) is not str:
        key = str(key)
    return key if len(key) <= limits.KEY_CHARS and is_sound(key) else mend_text(key[: limits.KEY_CHARS])


def bound_number(value: int | float) -> int | float | str:
    """Finite and within 64 bits, or as text."""
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if -LARGEST <= value <= LARGEST:
        return value
    return str(value) if value.bit_length() <= 512 else f"integer of {value.bit_length()} bits"


def bound_value(value: Any, depth: int = 0) -> Any:
    """The value, storable: containers bounded in count and depth, unknown types as text."""
    if isinstance(value, str):
        return bound_text(value, limits.VALUE_CHARS)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, NUMBERS):
        return bound_number(value)
    if isinstance(value, BYTES):
        return bound_text(bytes(value[: limits.VALUE_CHARS]).decode("utf-8", "replace"), limits.VALUE_CHARS)
    if depth >= limits.DEPTH:
        return "[too deep]"
    if isinstance(value, dict):
        pairs = list(value.items())[:ENTRIES]
        return {bound_key(key): bound_value(inner, depth + 1) for key, inner in pairs}
    if isinstance(value, SEQUENCES):
        return [bound_value(inner, depth + 1) for inner in value[:ENTRIES]]
    return bound_text(str(value), limits.VALUE_CHARS)


def bound_restricted(value: Any) -> Any:
    """A restricted field; a stack trace may be as long as a body."""
    return bound_text(value, limits.BODY_CHARS) if isinstance(value, str) else bound_value(value)


def bound_time(nanoseconds: Any, otherwise: int) -> int:
    """A moment from 1970 to 2100; what is missing or no number becomes `otherwise`."""
    if type(nanoseconds) is not int or nanoseconds == 0:
        return otherwise
    return min(max(nanoseconds, limits.EARLIEST_NS), limits.LATEST_NS - 1)


def write_time(nanoseconds: Any) -> str:
    """A time as it was sent: RFC 3339 to the microsecond where it is a date, else whatever it is."""
    if type(nanoseconds) is int and limits.EARLIEST_NS < nanoseconds < limits.LATEST_NS:
        return clock.from_ns(nanoseconds).isoformat()
    return str(bound_value(nanoseconds))[:40]
