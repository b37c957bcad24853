"""Whether a value is private, given what its name says. One judge for attributes and for `key=value` in text."""

import re
from typing import Final

from diagnostics.pipeline.redact import shapes
from diagnostics.pipeline.redact.keys import Kind, Treatment

# Digits that make a value private under such a name; fewer is a label ("visa", "work").
ENOUGH_DIGITS: Final = {"phone": 6, "card": 11, "iban": 6, "ssn": 4, "national-id": 4, "birthdate": 4, "pin": 3}
COUNTED: Final = re.compile(r"[a-z_]{2,24}=\d{1,9}")  # `tokens: prompt=82`
JUDGED: Final = frozenset(
    {Kind.SECRET, Kind.TOKEN, Kind.SESSION, Kind.NAME, Kind.MAYBE_NAME, Kind.DIGITS, Kind.TEXT, Kind.KEY}
)


def is_private(treatment: Treatment, value: str, *, loose: bool = False) -> bool:
    """Whether to hide the whole value. `loose` is prose, where a word may follow a name by chance."""
    value = value.strip()
    if shapes.is_settled(value):
        return False
    kind = treatment.kind
    if kind is Kind.TOKEN and loose and COUNTED.fullmatch(value):
        return False
    if kind is Kind.SECRET:
        return not hides_nothing(value) and not (loose and shapes.is_word(value))
    if kind is Kind.DIGITS:
        return judge_digits(treatment.marker, value)
    if kind is Kind.NAME:
        return shapes.has_letters(value) and not (shapes.is_word(value) and value.islower()) and len(value) <= 120
    if kind is Kind.TEXT:
        return shapes.has_letters(value) and len(value) > 3
    return SHAPE_OF[kind](value)


SHAPE_OF: Final = {
    Kind.TOKEN: shapes.looks_like_token,
    Kind.SESSION: shapes.looks_like_session,
    Kind.MAYBE_NAME: shapes.looks_like_person,
    Kind.KEY: shapes.looks_random,
}


def hides_nothing(value: str) -> bool:
    """`true`, `null`, `/run/secrets/x`: says whether or where a secret is, not what it is."""
    lowered = value.lower()
    if lowered in ("true", "false", "null", "none", "nil", "undefined", "yes", "no", "0", "1"):
        return True
    return value.startswith(("/", "./", "~/")) and value.count("/") > 1 and "=" not in value


def judge_digits(marker: str, value: str) -> bool:
    """Digits enough, and little else but what such numbers are written with."""
    digits = shapes.count_digits(value)
    if digits < ENOUGH_DIGITS[marker]:
        return False
    if marker == "pin":
        return len(value) <= 12 and value.isalnum()
    return len(value) <= 48 and shapes.UUID.fullmatch(value) is None
