"""Severity as OpenTelemetry numbers it (1 to 24), in six bands with one name each."""

import re
from typing import Final

BANDS: Final = ("trace", "debug", "info", "warn", "error", "fatal")
DEFAULT: Final = 9  # info: what a record without a level is taken for
WARN: Final = 13
ERROR: Final = 17
FATAL: Final = 21

NAMES: Final = {
    "trace": 1, "verbose": 1, "finest": 1, "silly": 1, "debug": 5, "fine": 5, "info": 9, "information": 9,
    "informational": 9, "log": 9, "default": 9, "notice": 10, "success": 10, "warn": 13, "warning": 13, "error": 17,
    "err": 17, "severe": 17, "exception": 17, "critical": 21, "crit": 21, "fatal": 21, "alert": 22, "panic": 23,
    "emergency": 24, "emerg": 24,
}  # fmt: skip
TRAILING_DIGIT = re.compile(r"^([a-z]+)([1-4])$")


def band_of(number: int) -> str:
    """The band's name of a severity number; numbers out of range fall into the nearest band."""
    return BANDS[min(max((number - 1) // 4, 0), 5)]


def lowest_of(band: str) -> int:
    """The smallest severity number of a band ('warn' is 13)."""
    return BANDS.index(band) * 4 + 1


def parse_severity(value: object) -> int | None:
    """A severity number from a name ('WARNING', 'error2', 'E'), an OpenTelemetry number or a Python level; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return parse_number(int(value))
    if not isinstance(value, str):
        return None
    word = value.strip().lower()
    if word.isdecimal() and len(word) <= 3:
        return parse_number(int(word))
    if len(word) == 1:
        return {"t": 1, "v": 1, "d": 5, "i": 9, "w": 13, "e": 17, "f": 21, "c": 21}.get(word)
    step = TRAILING_DIGIT.match(word)
    if step and step[1] in BANDS:
        return NAMES[step[1]] + int(step[2]) - 1
    return NAMES.get(word)


def parse_number(number: int) -> int | None:
    """OpenTelemetry's 1 to 24 as they are."""
    return number if 1 <= number <= 24 else None
