"""JSON that the strict parser refuses as a whole, read value by value: one poisoned record must not cost its batch.

Lone surrogates are let through (the pipeline replaces them); NaN, Infinity and numbers beyond a double spoil only the value
that they stand in.
"""

import math
import re
from json import JSONDecoder
from json.decoder import JSONDecodeError
from typing import Any, Final

from diagnostics.core import limits

LONGEST_INT: Final = 18  # digits that always fit 64 bits; longer ones become doubles, as the strict parser has it
LONGEST: Final = 8 * limits.MIB
SPACE: Final = re.compile(r"[ \t\r\n]*")


class Poisoned:
    """A value that is JSON in shape, but holds a number that is none."""


POISONED: Final = Poisoned()


class Apart:
    """Reads values one by one and notes which of them are poisoned."""

    def __init__(self) -> None:
        self.spoilt = False
        self.decoder = JSONDecoder(parse_float=self.read_float, parse_int=self.read_int, parse_constant=self.refuse)

    def read_float(self, text: str) -> float:
        """A finite double."""
        value = float(text)
        self.spoilt |= not math.isfinite(value)
        return value

    def read_int(self, text: str) -> float:
        """A 64-bit number, or the double nearest to a longer one."""
        return int(text) if len(text) <= LONGEST_INT else self.read_float(text)

    def refuse(self, text: str) -> None:
        """NaN and the infinities."""
        self.spoilt = True

    def read(self, text: str, place: int) -> tuple[Any, int]:
        """(the value, or POISONED; where it ends)."""
        self.spoilt = False
        value, end = self.decoder.raw_decode(text, place)
        return (POISONED if self.spoilt else value), end


def read_apart(data: bytes) -> list[Any] | None:
    """The value, or the values of an array, poisoned ones marked; None when it is not JSON in shape, or too long for that
    much care."""
    if len(data) > LONGEST:
        return None
    try:
        return read_values(data.decode("utf-8"))
    except (UnicodeDecodeError, JSONDecodeError, RecursionError):
        return None


def read_values(text: str) -> list[Any]:
    """JSONDecodeError where the shape is wrong."""
    apart = Apart()
    place = skip(text, 0)
    if not text.startswith("[", place):
        value, end = apart.read(text, place)
        if skip(text, end) != len(text):
            raise JSONDecodeError("Extra data", text, end)
        return [value]
    values: list[Any] = []
    place = skip(text, place + 1)
    if text.startswith("]", place):
        return values
    while True:
        value, end = apart.read(text, place)
        values.append(value)
        place = skip(text, end)
        if text.startswith("]", place) and skip(text, place + 1) == len(text):
            return values
        if not text.startswith(",", place):
            raise JSONDecodeError("Expecting ',' delimiter", text, place)
        place = skip(text, place + 1)


def skip(text: str, place: int) -> int:
    """Behind the white space."""
    found = SPACE.match(text, place)
    return found.end() if found else place
