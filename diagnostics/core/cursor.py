"""A place in an ordered list as a word for addresses: the next page begins behind it.

Whoever reads one names the kinds of its parts, so that a cursor of another list, or of nobody's making, is refused in words.
"""

import base64
import binascii
from datetime import datetime
from typing import Any, Final

import orjson

from diagnostics.core import clock

LONGEST: Final = 1000  # characters
LARGEST: Final = 2**63  # of whole numbers: what the database takes
REFUSED: Final = "cursor: not one that was given out; start again without it"


def write_cursor(*place: datetime | float | str) -> str:
    """The place in one word; moments are kept to the microsecond."""
    parts = [clock.to_ns(part) // 1000 if isinstance(part, datetime) else part for part in place]
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def read_cursor(text: str, *kinds: type) -> list[Any]:
    """The parts of the place, each of its kind (datetime, int, float or str); ValueError for what is no cursor of these."""
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(text[:LONGEST] + "=" * (-len(text) % 4)))
        return [read_part(part, kind) for part, kind in zip(parts, kinds, strict=True)]
    except (binascii.Error, ValueError, TypeError, OverflowError):
        raise ValueError(REFUSED) from None


def read_part(part: Any, kind: type) -> Any:
    """One part; ValueError or OverflowError where it is of another kind or too large."""
    if kind is datetime:
        return clock.from_ns(read_part(part, int) * 1000)
    if type(part) is not kind or (isinstance(part, int) and not -LARGEST <= part < LARGEST):
        raise ValueError(REFUSED)
    return part
