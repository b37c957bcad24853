"""Which records match which rules, asked of all rules at once while the records are in memory, already clean.

One automaton of all patterns looks at a request's texts together; most requests end there, for the price of one call.
Only where it strikes are records looked at one by one: by the rules that may match, or, where these are many, by the
automaton again. What comes out are counts by minute and series, which travel in
the batch: committed with it, folded once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import re2

from alerts.models import AlertRule
from alerts.patterns import compile_pattern, options
from diagnostics.core import clock
from diagnostics.core.record import Record
from diagnostics.search.filters import COLUMNS, check_fields, matches_field, matches_term
from diagnostics.search.query import Query, parse_query
from diagnostics.search.terms import Term

TEXT: Final = 256 * 1024  # characters looked at in one call
FEW: Final = (
    4  # rules that are asked of each record of several; where more may match, each record is looked at by itself
)
PROGRAM: Final = 100_000  # size of the patterns in one automaton: keeps it well within its memory
# Columns that fields of the query line look at, beside those that are compared as they are.
OTHER_COLUMNS: Final = {
    "level": "severity_number", "status": "http_status", "trace": "trace_id", "template": "template_id",
    "duration": "duration_ms",
}  # fmt: skip
# Anchors of the whole text would miss what is not at the beginning or the end of several texts put together.
WHOLE_TEXT: Final = re2.compile(r"\\[Az]|\(\?[a-zA-Z]*-")

Row = list[Any]  # rule, minute, service, route, release, count


@dataclass(frozen=True)
class Watched:
    """One rule's way of matching."""

    rule_id: int
    service_name: str
    query: Query
    pattern: str
    columns: dict[str, str] = field(default_factory=dict)  # of each field

    @property
    def gate(self) -> str:
        """A pattern that strikes wherever the rule can match in one of several texts put together; empty: none does."""
        if self.pattern:
            return "" if WHOLE_TEXT.search(self.pattern) else f"(?m:{self.pattern})"
        longest = max(self.query.texts, key=len, default="")
        needed = [[longest], *([term.value for term in choice] for choice in self.query.choices if is_spoken(choice))]
        for texts in needed:
            if all(text and text.isascii() for text in texts):
                return f"(?i:{'|'.join(re2.escape(text) for text in texts)})"
        return ""

    def matches(self, record: Record) -> bool:
        """Whether the rule counts the record."""
        if self.service_name and record.service_name != self.service_name:
            return False
        if (self.columns or self.query.choices) and not self.fits(record):
            return False
        if self.query.texts or self.query.without:
            body = record.body.lower()
            if not all(text.lower() in body for text in self.query.texts):
                return False
            if any(text.lower() in body for text in self.query.without):
                return False
        return self.finds(record.body)

    def fits(self, record: Record) -> bool:
        """Whether the record's fields and attributes are what the query line asks for."""
        values = {column: getattr(record, column) for column in self.columns.values()}
        if not all(matches_field(name, value, values) for name, value in self.query.fields.items()):
            return False
        if not all(matches_term(term, values) for term in self.query.terms):
            return False
        return all(any(meets(term, record, values) for term in choice) for choice in self.query.choices)

    def finds(self, text: str) -> bool:
        """Whether the pattern, where there is one, is in the text."""
        return not self.pattern or compile_pattern(self.pattern).search(text) is not None


def is_spoken(choice: tuple[Term, ...]) -> bool:
    """Whether OR joins nothing but words to be found: one of them then stands in the text."""
    return all(term.is_text and not term.is_left_out for term in choice)


def meets(term: Term, record: Record, values: dict[str, Any]) -> bool:
    """One of several conditions that OR joins; its words, too, in the text alone."""
    if term.is_text:
        return (term.value.lower() in record.body.lower()) is not term.is_left_out
    return matches_term(term, values)


class Matcher:
    """All rules of one environment that count matches."""

    def __init__(self, watched: Sequence[Watched]) -> None:
        self.gates: list[tuple[Any, list[Watched]]] = []
        self.ungated = [one for one in watched if not one.gate]
        for group in in_groups([one for one in watched if one.gate]):
            gate = compile_gate(group)
            if gate is None:
                self.ungated += group
            else:
                self.gates.append((gate, group))

    def count(self, records: Sequence[Record]) -> list[Row]:
        """Rows of the records that match."""
        counts: dict[tuple[int, int, str, str, str], int] = {}
        for chunk, candidates in self.strike(records):
            for record in chunk:
                for one in candidates:
                    if one.matches(record):
                        key = key_of(one, record)
                        counts[key] = counts.get(key, 0) + 1
        return [[*key, count] for key, count in counts.items()]

    def strike(self, records: Sequence[Record]) -> Iterator[tuple[Sequence[Record], list[Watched]]]:
        """Some records together, and the rules that may match one of them."""
        for chunk in in_chunks(records):
            struck = self.struck_by("\n".join([record.body for record in chunk]))
            if len(struck) > FEW and len(chunk) > 1:
                yield from (([record], [*self.ungated, *self.struck_by(record.body)]) for record in chunk)
            elif struck or self.ungated:
                yield chunk, [*self.ungated, *struck]

    def struck_by(self, text: str) -> list[Watched]:
        """The rules with a gate that may match something in the text."""
        return [group[number] for gate, group in self.gates for number in gate.Match(text) or ()]


def in_chunks(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """Records whose texts are short enough for one call; one that is longer comes alone."""
    chunk: list[Record] = []
    size = 0
    for record in records:
        if chunk and size + len(record.body) > TEXT:
            yield chunk
            chunk, size = [], 0
        chunk.append(record)
        size += len(record.body)
    if chunk:
        yield chunk


def in_groups(watched: Sequence[Watched]) -> Iterator[list[Watched]]:
    """Rules whose patterns fit into one automaton."""
    group: list[Watched] = []
    size = 0
    for one in watched:
        program = compile_pattern(one.gate).programsize
        if group and size + program > PROGRAM:
            yield group
            group, size = [], 0
        group.append(one)
        size += program
    if group:
        yield group


def compile_gate(group: Sequence[Watched]) -> Any | None:
    """One automaton for all of them; None where it cannot be built."""
    try:
        gate = re2.Set.SearchSet(options())
        for one in group:
            gate.Add(one.gate)
        gate.Compile()
    except re2.error:
        return None
    return gate


def key_of(one: Watched, record: Record) -> tuple[int, int, str, str, str]:
    """Where a match is counted."""
    minute = clock.minute_of(record.timestamp_ns)
    return one.rule_id, minute, record.service_name, record.http_route, record.release


def load_matcher(environment_id: int) -> Matcher | None:
    """The matcher of an environment; None where no rule counts matches, and ingest does nothing."""
    rules = AlertRule.objects.filter(environment_id=environment_id, enabled=True, signal=AlertRule.Signal.MATCHES)
    key = tuple(rules.order_by("pk").values_list("pk", "service_name", "query", "pattern"))
    return build_matcher(key) if key else None


@lru_cache(maxsize=500)
def build_matcher(key: tuple[tuple[int, str, str, str], ...]) -> Matcher:
    """Built anew only when a rule has changed."""
    return Matcher([one for row in key if (one := watch(*row)) is not None])


def watch(rule_id: int, service_name: str, line: str, pattern: str) -> Watched | None:
    """How a rule matches; None for one that cannot be read (it was not saved through a form): it counts nothing."""
    try:
        query = parse_query(line)
        check_fields(query.fields)
        if pattern:
            compile_pattern(pattern)
    except (ValueError, re2.error):
        return None
    return Watched(rule_id, service_name, query, pattern, columns_of(query))


def columns_of(query: Query) -> dict[str, str]:
    """The record's columns that the query line looks at."""
    names = [*query.fields, *(term.name for term in query.all_terms() if not term.is_attribute)]
    columns = {name: (COLUMNS | OTHER_COLUMNS)[name] for name in names if name in COLUMNS | OTHER_COLUMNS}
    return columns | ({"@": "attributes"} if any(term.is_attribute for term in query.all_terms()) else {})
