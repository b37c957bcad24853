"""The query line: words to find in a record's text or its error's, fields by name, and attributes by theirs.

    payment failed service:checkout level:error status:5xx session:abc "exact phrase" -heartbeat
    host.name:web-1 @order:42 -service:mailer route:/api/* duration:>1s status:>=500
    timeout OR refused OR status:503

Errors name the place in the line. A query is data from parse to database: nothing in it is ever joined into SQL.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from diagnostics.core import severity
from diagnostics.detection.templates.ids import read_id
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
OR: Final = "OR"
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
    OR: "OR stands between two conditions, such as timeout OR refused",
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
    choices: list[tuple[Term, ...]] = field(default_factory=list)  # of each, one has to hold

    def add(self, group: list[Term]) -> None:
        """What stands alone has to hold; of several that OR joins, one."""
        if len(group) > 1:
            self.choices.append(tuple(group))
            return
        for term in group:
            if term.is_text:
                (self.without if term.is_left_out else self.texts).append(term.value)
            elif term.is_plain:
                self.fields[term.name] = term.value
            else:
                self.terms.append(term)

    def all_terms(self) -> Iterator[Term]:
        """The terms, and those that OR joins, words among them."""
        yield from self.terms
        for choice in self.choices:
            yield from choice


def parse_query(line: str) -> Query:
    """The parsed line, or QueryError."""
    if len(line) > LENGTH:
        raise QueryError(f"the query is longer than {LENGTH} characters", LENGTH)
    query = Query()
    for group in read_groups(line):
        query.add(group)
    return query


def read_groups(line: str) -> Iterator[list[Term]]:
    """Conditions that have to hold, each with those that OR joins to it."""
    group: list[Term] = []
    joint: re.Match[str] | None = None
    before: re.Match[str] | None = None
    for match in read_tokens(line):
        if is_or(match):
            if joint or not group:
                raise QueryError(OPERATORS[OR], match.start("word"))
            joint = match
        elif term := read_term(match):
            if before and joint:
                check_choice(before, match)
            else:
                yield group
                group = []
            group.append(term)
            before, joint = match, None
    if joint:
        raise QueryError(OPERATORS[OR], joint.start("word"))
    yield group


def read_tokens(line: str) -> Iterator[re.Match[str]]:
    """Its tokens; QueryError for a quotation mark that is not closed."""
    position = 0
    while line[position:].strip():
        match = TOKEN.match(line, position)
        if match is None:
            raise QueryError(
                "a quotation mark is not closed", position + len(line[position:]) - len(line[position:].lstrip())
            )
        yield match
        position = match.end()


def is_or(match: re.Match[str]) -> bool:
    """The operator. In quotation marks it is a word, and so is `or`."""
    return match["word"] == OR and not (match["minus"] or match["name"] or match["attribute"])


def check_choice(*both: re.Match[str]) -> None:
    """What OR joins: one person at a time, for who looks for whom is written down; and no brackets, which would be taken for
    a part of the words."""
    for match in both:
        word = match["word"] or ""
        if field_of(match) == "user":
            raise QueryError(
                "user: stands beside no OR: search for one person after the other",
                match.start() + len(match[0]) - len(match[0].lstrip()),
            )
        if word.count("(") != word.count(")"):
            way = (
                'OR joins the conditions beside it; words that have a bracket go into quotation marks, such as "exit("'
            )
            raise QueryError(f"there are no brackets: {way}", match.start("word"))


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


def without_field(line: str, name: str) -> str:
    """The line without what asks for a value of the field, as another is going to be chosen; what is left out, and what OR
    joins, stays. QueryError for one that cannot be understood."""
    parse_query(line)
    tokens = list(TOKEN.finditer(line))
    joined = {place + side for place, match in enumerate(tokens) if is_or(match) for side in (-1, 1)}
    kept = [
        match[0].strip()
        for place, match in enumerate(tokens)
        if field_of(match) != name or match["minus"] or place in joined
    ]
    return " ".join(kept) if len(kept) < len(tokens) else line


def field_of(match: re.Match[str]) -> str:
    """The field that a token names, its dotted names before an @ as well; empty for others."""
    attribute = (match["attribute"] or "").strip('"').lower()
    return NAMES.get((match["name"] or "").lower()) or (NAMES.get(attribute, "") if "." in attribute else "")


def read_term(match: re.Match[str]) -> Term | None:
    """One word, phrase, field or attribute; None for an empty phrase."""
    name, value = match["name"], match["phrase"] if match["phrase"] is not None else match["word"]
    known = field_of(match)
    if known:
        return read_field(known, match, value)
    if match["attribute"]:
        return read_attribute(match["attribute"].strip('"'), match, value)
    if name is None or value.startswith("//"):  # an address is no field
        return read_text(match, value if name is None else f"{name}:{value}")
    if "." in name.strip("."):
        return read_attribute(name, match, value)
    raise unknown_field(name, value, match.start("minus") if match["minus"] else match.start("name"))


def unknown_field(name: str, value: str, position: int) -> QueryError:
    """What else may have been meant."""
    names = sorted(set(NAMES.values()))
    close = get_close_matches(name.lower(), names, 1, 0.7)
    meant = f"did you mean {close[0]}:? " if close else ""
    way = f"for an attribute of that name write @{name}:{value[:40]}"
    return QueryError(f"there is no field '{name}'; {meant}fields are {', '.join(names)}; {way}", position)


def read_text(match: re.Match[str], text: str) -> Term | None:
    """A word or phrase."""
    if match["word"] and not match["minus"]:
        check_word(text, match.start("word"))
    return Term("", text, is_left_out=bool(match["minus"])) if text else None


def read_field(name: str, match: re.Match[str], value: str) -> Term:
    """A field: plain, left out, open at its end, or compared."""
    position = match.start("phrase" if match["phrase"] is not None else "word")
    is_open = bool(match["word"]) and value.endswith("*") and name in OPEN
    if name == "duration" or (name == "status" and value[:1] in ("<", ">")):
        check_comparison(name, value, position)
    else:
        check_value(name, value, position)
    return Term(name, value[:-1] if is_open else value, is_left_out=bool(match["minus"]), is_open=is_open)


def read_attribute(name: str, match: re.Match[str], value: str) -> Term:
    """An attribute of the record."""
    if "\0" in name + value:
        raise QueryError("no attribute holds a NUL character", match.start())
    is_open = bool(match["word"]) and value.endswith("*")
    return Term(name, value[:-1] if is_open else value, True, bool(match["minus"]), is_open)


def check_comparison(name: str, value: str, position: int) -> None:
    """A sign and a number."""
    try:
        read_comparison(name, value)
    except ValueError:
        way = "duration:>1s or duration:<=250ms" if name == "duration" else "status:>=500, status:500 or status:5xx"
        raise QueryError(f"{name}: '{value[:40]}' cannot be compared; use {way}", position) from None


def check_word(text: str, position: int) -> None:
    """AND and NOT are no operators here; in quotation marks they are words."""
    if text in OPERATORS:
        raise QueryError(f'{OPERATORS[text]}; to find the word, write "{text}" in quotation marks', position)


def check_value(name: str, value: str, position: int) -> None:
    """Levels and statuses have a form."""
    if name == "level" and severity.parse_severity(value) is None:
        raise QueryError(f"'{value}' is no level; use {', '.join(severity.BANDS)}", position)
    if name == "status" and not STATUS.match(value):
        raise QueryError(f"'{value}' is no status; use 500 or 5xx", position)
    if name == "template":
        try:
            read_id(value)
        except ValueError as error:
            raise QueryError(str(error), position) from None
