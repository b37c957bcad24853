"""Conditions of the query line, one by one: words, fields, attributes, what is left out, beginnings and comparisons.
Each is asked of the database and of a record in memory alike."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, StartsWith

# Of an attribute's text, what a condition can ask for: a line is no longer.
TEXT_CHARS: Final = 1000
NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?", re.ASCII)
COMPARISON: Final = re.compile(r"(?P<sign>[<>]=?)(?P<number>[0-9]{1,9}(?:\.[0-9]{1,3})?)(?P<unit>[a-z]*)", re.ASCII)
LOOKUPS: Final = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
SIGNS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
# Of fields that are compared: the column, and how much each unit is in it.
MEASURES: Final[dict[str, tuple[str, dict[str, float]]]] = {
    "duration": ("duration_ms", {"ms": 1, "s": 1000, "m": 60_000, "min": 60_000}),
    "status": ("http_status", {"": 1}),
}


@dataclass(frozen=True, slots=True)
class Term:
    """One condition; without a name it is a word or phrase. `is_open`: the value is how it begins; an empty one then asks
    whether there is any."""

    name: str
    value: str
    is_attribute: bool = False
    is_left_out: bool = False
    is_open: bool = False

    @property
    def is_text(self) -> bool:
        """A word or phrase."""
        return not self.name

    @property
    def is_plain(self) -> bool:
        """A field that has this value."""
        return not (self.is_text or self.is_attribute or self.is_left_out or self.is_open or self.column)

    @property
    def is_person(self) -> bool:
        """Whether it names a person."""
        return self.name == "user" and not self.is_attribute

    @property
    def column(self) -> str:
        """Of a field that is compared with a number; empty for others."""
        is_compared = not self.is_attribute and self.name in MEASURES and self.value[:1] in ("<", ">")
        return MEASURES[self.name][0] if is_compared else ""


def read_comparison(name: str, value: str) -> tuple[str, float]:
    """The sign and the number in the column's unit; ValueError for what is none."""
    match, units = COMPARISON.fullmatch(value), MEASURES[name][1]
    if match is None or match["unit"] not in units:
        raise ValueError(value)
    return match["sign"], float(match["number"]) * units[match["unit"]]


def compares(term: Term) -> Q:
    """The condition of a field that is compared."""
    sign, number = read_comparison(term.name, term.value)
    return Q(**{f"{term.column}__{LOOKUPS[sign]}": number})


def is_within(term: Term, record: Mapping[str, Any]) -> bool:
    """The same in memory: what was not measured is neither more nor less."""
    sign, number = read_comparison(term.name, term.value)
    value = record.get(term.column)
    return value is not None and SIGNS[sign](value, number)


def has_attribute(term: Term) -> Q:
    """The condition of an attribute: the same text, or the number or truth that the text writes."""
    if not term.is_open:
        wanted = [Q(attributes__contains={term.name: value}) for value in meanings(term.value)]
        return wanted[0] | wanted[1] if len(wanted) > 1 else wanted[0]
    if not term.value:
        return Q(attributes__has_key=term.name)
    path = (F("attributes"), Value(term.name))
    kind = Func(Func(*path, function="jsonb_extract_path"), function="jsonb_typeof", output_field=TextField())
    text = Func(*path, function="jsonb_extract_path_text", output_field=TextField())
    empty = Value("")
    begins = StartsWith(Coalesce(text, empty, output_field=TextField()), term.value)
    return Q(Exact(Coalesce(kind, empty, output_field=TextField()), "string")) & Q(begins)


def holds_attribute(term: Term, attributes: Mapping[str, Any]) -> bool:
    """The same in memory."""
    if term.name not in attributes:
        return False
    value = attributes[term.name]
    if term.is_open:
        return not term.value or (isinstance(value, str) and value.startswith(term.value))
    return any(is_same(value, wanted) for wanted in meanings(term.value))


def meanings(text: str) -> list[Any]:
    """What is written as this: the text itself, and a number or a truth."""
    if text in ("true", "false"):
        return [text, text == "true"]
    if NUMBER.fullmatch(text):
        return [text, float(text) if "." in text else int(text)]
    return [text]


def is_same(value: Any, wanted: Any) -> bool:
    """As JSON compares: 1 is 1.0, and no truth."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, int | float) and isinstance(wanted, int | float):
        return Decimal(str(value)) == Decimal(str(wanted))
    return isinstance(value, str) and bool(value == wanted)


def comparable(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes as far as a condition looks at them: texts cut to what a line may ask for, no containers."""
    return {name: comparable_value(value) for name, value in attributes.items()}


def comparable_value(value: Any) -> Any:
    """A text, a number or a truth; anything else is only there."""
    if isinstance(value, str):
        return value[:TEXT_CHARS]
    return value if isinstance(value, bool | int | float) else None


def write_attribute(name: str, value: Any) -> str:
    """The condition of an attribute's value as the line has it; empty where none can be written."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if not isinstance(value, str | bool | int | float) or set('"\0') & set(name):
        return ""
    if isinstance(value, float) and not NUMBER.fullmatch(text):
        return ""
    return write_field(write_name(name), text)


def write_field(name: str, text: str) -> str:
    """The condition of a field's value as the line has it; empty where none can be written."""
    if set('"\0') & set(text) or not 0 < len(text) <= TEXT_CHARS // 4:
        return ""
    return f'{name}:"{text}"' if re.search(r"\s", text) or text.endswith("*") else f"{name}:{text}"


def write_name(name: str) -> str:
    """An attribute's name as the line has it."""
    return f"@{name}" if re.fullmatch(r"[^\s:\"]+", name) else f'@"{name}"'
