"""Whether a value is private, given what its name says. One judge for attributes and for `key=value` in text."""

import re
from typing import Final

from diagnostics.pipeline.redact import shapes
from diagnostics.pipeline.redact.keys import Kind, Treatment

# Digits that make a value private under such a name; fewer is a label ("visa", "work").
ENOUGH_DIGITS: Final = {"phone": 6, "card": 11, "iban": 6, "ssn": 4, "national-id": 4, "birthdate": 4, "pin": 3}
# `tokens: prompt=82`, `auth: user=anonymous`: the next pair, which its own name judges.
PAIR: Final = re.compile(r"[A-Za-z_.]{2,24}=[^=].*")
COURSE: Final = re.compile(r"[a-z]{3,}(?:ing|ed)")  # `access_token: rotating`
EMPTY: Final = re.compile(r"[A-Za-z_.]{2,24}:(?:true|false|nil|null|none|\d{1,9})?")  # `Token: Insecure:false`
THING: Final = re.compile(r"[\w.-]*/.*|[a-z_]+(?:\.\w+)+")  # `acme/widgets`, `jobs.Rollup`: named, but nobody
DEGREES: Final = r"[-+]?\d{1,3}\.\d{5,}"
PLACE: Final = re.compile(rf"{DEGREES}(?:\s*[,;]\s*{DEGREES})?")  # `cell=48.13715,11.57549`
# `SPF pass: v=spf1 …`, `api_key: present=true`
RECORD: Final = re.compile(r"v=(?:spf|dkim|dmarc)\d.*|[a-z]+=(?:true|false)", re.IGNORECASE)
FOLDER: Final = re.compile(r"/[a-z]{1,12}")  # `PWD=/srv`
FILE: Final = re.compile(r"[\w.-]+(?:/[\w.-]+)+\.\w{2,5}")  # of an object store: `invoices/2026/05/INV-20411.pdf`
JUDGED: Final = frozenset(
    {
        Kind.SECRET, Kind.TOKEN, Kind.GIVEN, Kind.SESSION, Kind.NAME, Kind.MAYBE_NAME, Kind.LOGIN, Kind.DIGITS, Kind.TEXT,
        Kind.KEY,
    }
)  # fmt: skip
TOKENS: Final = frozenset({Kind.TOKEN, Kind.GIVEN})
NOTHING_HIDDEN: Final = frozenset({
    "true", "false", "null", "none", "nil", "undefined", "yes", "no", "0", "1",
    "required", "optional", "missing", "absent", "present", "unset", "enabled", "disabled",
})  # fmt: skip
GUESSED: Final = frozenset({Kind.MAYBE_NAME, Kind.LOGIN})  # too weak for pairs, which any list of two may be


def is_private(treatment: Treatment, value: str, *, loose: bool = False) -> bool:
    """Whether to hide the whole value. `loose` is prose, where a word may follow a name by chance."""
    value = value.strip()
    if shapes.is_settled(value):
        return False
    kind = treatment.kind
    if loose and goes_on(kind, value):
        return False
    if kind is Kind.SECRET:
        return not hides_nothing(value) and not (loose and (shapes.is_word(value) or RECORD.fullmatch(value)))
    if kind is Kind.DIGITS:
        return judge_digits(treatment.marker, value)
    if kind is Kind.NAME:
        return shapes.has_letters(value) and not is_no_person(value) and len(value) <= 120
    if kind is Kind.TEXT:
        return shapes.has_letters(value) and len(value) > 3
    if kind is Kind.KEY and FILE.fullmatch(value):
        return False
    if kind is Kind.KEY and treatment.marker == "token" and shapes.looks_mixed(value):
        return True
    return SHAPE_OF[kind](value)


def goes_on(kind: Kind, value: str) -> bool:
    """What stands behind a name in prose, and is no value of it."""
    if kind is Kind.GIVEN and COURSE.fullmatch(value):
        return True
    return (kind in TOKENS and PAIR.fullmatch(value) is not None) or EMPTY.fullmatch(value) is not None


SHAPE_OF: Final = {
    Kind.TOKEN: shapes.looks_like_token,
    Kind.GIVEN: shapes.looks_given,
    Kind.SESSION: shapes.looks_like_session,
    Kind.MAYBE_NAME: shapes.looks_like_person,
    Kind.LOGIN: shapes.looks_like_user,
    Kind.KEY: shapes.looks_random,
}


def is_no_person(value: str) -> bool:
    """A word of a form, a path, a dotted name of a program."""
    return (value.islower() and shapes.is_word(value)) or THING.fullmatch(value) is not None


def hides_nothing(value: str) -> bool:
    """`true`, `null`, `/run/secrets/x`: says whether or where a secret is, not what it is."""
    lowered = value.lower()
    if lowered in NOTHING_HIDDEN:
        return True
    if FOLDER.fullmatch(value):
        return True
    if not value.startswith(("/", "./", "~/")) or value.count("/") < 2 or "=" in value or "+" in value:
        return False
    return not shapes.looks_random(value.lstrip("./~"))  # base64 may begin with a slash, too


def judge_digits(marker: str, value: str) -> bool:
    """Digits enough, and little else but what such numbers are written with; not what is left of a text that was longer."""
    digits = shapes.count_digits(value)
    if digits < ENOUGH_DIGITS[marker] or shapes.MARKER.search(value) is not None:
        return False
    if marker == "pin":
        return (len(value) <= 12 and value.isalnum()) or shapes.looks_mixed(value) or shapes.looks_random(value)
    if marker == "phone" and PLACE.fullmatch(value):
        return False
    return len(value) <= 48 and shapes.UUID.fullmatch(value) is None
