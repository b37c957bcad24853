"""The query line: words to find in a record's text or its error's, fields by name, and attributes by theirs.

    payment failed service:checkout level:error status:5xx session:abc "exact phrase" -heartbeat
    host.name:web-1 @order:42 -service:mailer route:/api/* duration:>1s status:>=500

Errors name the place in the line. A query is data from parse to database: nothing in it is ever joined into SQL.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from diagnostics.core import severity
from diagnostics.search.terms import Term, read_comparison

# A dotted name with digits is none before a number: db1.example.com:5432 is a place, not an attribute.
TOKEN: Final = re.compile(
    r"""\s*(?P<minus>-?)
    (?:(?:(?P<name>[A-Za-z_][A-Za-z_.]*|[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)+(?=:\D))
        |@(?P<attribute>[^\s":]+|"[^"]+")):)?
    (?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))""",
    re.VERBOSE,
)
LENGTH: Final = 1000
NAMES: Final = {
    "service": "service", "service.name": "service", "level": "level", "severity": "level", "session": "session",
    "session.id": "session", "user": "user", "user.id": "user", "request": "request", "trace": "trace",
    "route": "route", "status": "status", "release": "release", "error": "error", "logger": "logger", "event": "event",
    "fingerprint": "fingerprint", "template": "template", "browser": "browser", "country": "country",
    "journey": "journey", "journey.id": "journey", "duration": "duration",
}  # fmt: skip
# Fields of which the beginning may be asked for.
OPEN: Final = frozenset({
    "service", "session", "request", "route", "release", "error", "logger", "event", "browser", "country", "journey",
})  # fmt: skip
# Words of other query languages: taken for words to look for, they would find nothing and say nothing.
OPERATORS: Final = {
    "AND": "words and fields are joined by themselves: leave AND out",
    "OR": "there is no OR: search for one after the other",
    "NOT": "there is no NOT: write -word for records without a word",
}
STATUS: Final = re.compile(r"^(?:[1-5]xx|[1-5][0-9][0-9])$")


class QueryError(ValueError):
    """The query cannot be understood; `position` is the character, from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} (at character {position + 1})")
        self.position = position


@dataclass(slots=True)
class Query:
    """A parsed query line. Texts are matched anywhere, without regard to case."""

    texts: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)


def parse_query(line: str) -> Query:
    """The parsed line, or QueryError."""
    if len(line) > LENGTH:
        raise QueryError(f"the query is longer than {LENGTH} characters", LENGTH)
    query = Query()
    position = 0
    while line[position:].strip():
        match = TOKEN.match(line, position)
        if match is None:
            raise QueryError(
                "a quotation mark is not closed", position + len(line[position:]) - len(line[position:].lstrip())
            )
        take_token(query, match)
        position = match.end()
    return query


def replace_field(line: str, name: str, change: Callable[[str], str]) -> str:
    """The line with each value of a field changed; QueryError for one that cannot be understood."""
    parse_query(line)
    parts, position = [], 0
    for match in TOKEN.finditer(line):
        if field_of(match) == name:
            group = "phrase" if match["phrase"] is not None else "word"
            parts += [line[position : match.start(group)], change(match[group])]
            position = match.end(group)
    return "".join([*parts, line[position:]])


def field_of(match: re.Match[str]) -> str:
    """The field that a token names, its dotted names before an @ as well; empty for others."""
    attribute = (match["attribute"] or "").strip('"').lower()
    return NAMES.get((match["name"] or "").lower()) or (NAMES.get(attribute, "") if "." in attribute else "")


def take_token(query: Query, match: re.Match[str]) -> None:
    """One word, phrase, field or attribute."""
    name, value = match["name"], match["phrase"] if match["phrase"] is not None else match["word"]
    known = field_of(match)
    if known:
        take_field(query, known, match, value)
    elif match["attribute"]:
        take_attribute(query, match["attribute"].strip('"'), match, value)
    elif name is None or value.startswith("//"):  # an address is no field
        take_text(query, match, value if name is None else f"{name}:{value}")
    elif "." in name.strip("."):
        take_attribute(query, name, match, value)
    else:
        raise unknown_field(name, value, match.start("minus") if match["minus"] else match.start("name"))


def unknown_field(name: str, value: str, position: int) -> QueryError:
    """What else may have been meant."""
    names = sorted(set(NAMES.values()))
    close = get_close_matches(name.lower(), names, 1, 0.7)
    meant = f"did you mean {close[0]}:? " if close else ""
    way = f"for an attribute of that name write @{name}:{value[:40]}"
    return QueryError(f"there is no field '{name}'; {meant}fields are {', '.join(names)}; {way}", position)


def take_text(query: Query, match: re.Match[str], text: str) -> None:
    """A word or phrase."""
    if match["word"] and not match["minus"]:
        check_word(text, match.start("word"))
    if text:
        (query.without if match["minus"] else query.texts).append(text)


def take_field(query: Query, name: str, match: re.Match[str], value: str) -> None:
    """A field: plain, left out, open at its end, or compared."""
    position = match.start("phrase" if match["phrase"] is not None else "word")
    is_open = bool(match["word"]) and value.endswith("*") and name in OPEN
    is_compared = name == "duration" or (name == "status" and value[:1] in ("<", ">"))
    if is_compared:
        check_comparison(name, value, position)
    else:
        check_value(name, value, position)
    if is_open or is_compared or match["minus"]:
        value = value[:-1] if is_open else value
        query.terms.append(Term(name, value, is_left_out=bool(match["minus"]), is_open=is_open))
    else:
        query.fields[name] = value


def take_attribute(query: Query, name: str, match: re.Match[str], value: str) -> None:
    """An attribute of the record."""
    if "\0" in name + value:
        raise QueryError("no attribute holds a NUL character", match.start())
    is_open = bool(match["word"]) and value.endswith("*")
    value = value[:-1] if is_open else value
    query.terms.append(Term(name, value, True, bool(match["minus"]), is_open))


def check_comparison(name: str, value: str, position: int) -> None:
    """A sign and a number."""
    try:
        read_comparison(name, value)
    except ValueError:
        way = "duration:>1s or duration:<=250ms" if name == "duration" else "status:>=500, status:500 or status:5xx"
        raise QueryError(f"{name}: '{value[:40]}' cannot be compared; use {way}", position) from None


def check_word(text: str, position: int) -> None:
    """AND, OR and NOT are no operators here; in quotation marks they are words."""
    if text in OPERATORS:
        raise QueryError(f'{OPERATORS[text]}; to find the word, write "{text}" in quotation marks', position)


def check_value(name: str, value: str, position: int) -> None:
    """Levels and statuses have a form."""
    if name == "level" and severity.parse_severity(value) is None:
        raise QueryError(f"'{value}' is no level; use {', '.join(severity.BANDS)}", position)
    if name == "status" and not STATUS.match(value):
        raise QueryError(f"'{value}' is no status; use 500 or 5xx", position)
