"""The query line: words to find in a record's text or its error's, and fields by name.

    payment failed service:checkout level:error status:5xx session:abc "exact phrase" -heartbeat

Errors name the place in the line. A query is data from parse to database: nothing in it is ever joined into SQL.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from diagnostics.core import severity

TOKEN: Final = re.compile(
    r'\s*(?P<minus>-?)(?:(?P<name>[A-Za-z_][A-Za-z_.]*):)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))'
)
LENGTH: Final = 1000
NAMES: Final = {
    "service": "service", "service.name": "service", "level": "level", "severity": "level", "session": "session",
    "session.id": "session", "user": "user", "user.id": "user", "request": "request", "trace": "trace",
    "route": "route", "status": "status", "release": "release", "error": "error", "logger": "logger", "event": "event",
    "fingerprint": "fingerprint", "template": "template", "browser": "browser", "country": "country",
    "journey": "journey", "journey.id": "journey",
}  # fmt: skip
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
        if match["name"] and NAMES.get(match["name"].lower()) == name:
            group = "phrase" if match["phrase"] is not None else "word"
            parts += [line[position : match.start(group)], change(match[group])]
            position = match.end(group)
    return "".join([*parts, line[position:]])


def take_token(query: Query, match: re.Match[str]) -> None:
    """One word, phrase or field."""
    name, value = match["name"], match["phrase"] if match["phrase"] is not None else match["word"]
    start = match.start("minus") if match["minus"] else match.start("name" if name else 0)
    if name is None or (name.lower() not in NAMES and value.startswith("//")):  # an address is no field
        text = value if name is None else f"{name}:{value}"
        if match["word"] and not match["minus"]:
            check_word(text, match.start("word"))
        if text:
            (query.without if match["minus"] else query.texts).append(text)
        return
    known = NAMES.get(name.lower())
    if known is None:
        raise QueryError(f"there is no field '{name}'; fields are {', '.join(sorted(set(NAMES.values())))}", start)
    if match["minus"]:
        raise QueryError("a field cannot be excluded, only a word can", start)
    check_value(known, value, match.start("phrase" if match["phrase"] is not None else "word"))
    query.fields[known] = value


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
