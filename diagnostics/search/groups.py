"""What a search finds, counted by the values of one field: on which hosts, for which tenants, since which release it fails.

Counted are the newest records that match, up to a bound that the answer names; who counts by a person's field gets pseudonyms.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import CharField, F, Func, TextField, Value
from django.db.models.functions import Cast, Left, Replace

from diagnostics.core import clock, severity
from diagnostics.detection.templates.ids import write_id
from diagnostics.models import Environment
from diagnostics.search.filters import COLUMNS, LogFilters
from diagnostics.search.find import find_logs
from diagnostics.search.page import search_limits
from diagnostics.search.patterns import Span, fetch, span_of
from diagnostics.search.query import NAMES
from diagnostics.search.terms import write_attribute, write_field

LOOKED_AT: Final = 100_000  # newest records that match
SHOWN: Final = 50
MOST: Final = 200  # values over the API
VALUE_CHARS: Final = 300  # longer values are one where they begin alike
SECONDS: Final = 4.0
ORDERS: Final = {"records": "records DESC", "errors": "errors DESC, records DESC", "slowest": "p95_ms DESC NULLS LAST"}
FIELDS: Final = {
    **{name: F(column) for name, column in COLUMNS.items()},
    "user": F("user_key"),
    "status": Cast("http_status", TextField()),
    "template": Cast("template_id", TextField()),
    "trace": Replace(Cast("trace_id", TextField()), Value("-")),
}
ATTRIBUTE: Final = re.compile(r'@([^\s":]{1,200}|"[^"]{1,200}")|([A-Za-z_][\w-]*(?:\.[\w-]+)+)')
COUNT: Final = """
WITH found AS MATERIALIZED ({matching}), ranked AS (
    SELECT value, count(*) AS records, count(*) FILTER (WHERE severity_number >= {error}) AS errors,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95_ms, max("timestamp") AS last_seen,
        count(*) OVER () AS values
    FROM found WHERE value <> '' GROUP BY value ORDER BY {order}, value LIMIT %s
), steps AS (
    SELECT value, date_bin(%s::interval, "timestamp", 'epoch') AS step, count(*) AS records
    FROM found JOIN ranked USING (value) GROUP BY 1, 2
), series AS (
    SELECT value, array_agg(step) AS moments, array_agg(steps.records) AS counts FROM steps GROUP BY 1
), totals AS (
    SELECT count(*) AS total, count(*) FILTER (WHERE coalesce(value, '') = '') AS without, min("timestamp") AS since FROM found
)
SELECT total, without, since, value, records, errors, p95_ms, last_seen, values, moments, counts
FROM totals LEFT JOIN (ranked JOIN series USING (value)) ON true ORDER BY {order}, value
"""


@dataclass(frozen=True, slots=True)
class Group:
    """The records of one value. `p95_ms`: of those that were measured; `counts`: records in each step of the time; `term`: the
    condition that finds them, as the query line has it, empty where it cannot say it."""

    value: str
    records: int
    errors: int
    p95_ms: float | None
    last_seen: datetime
    counts: list[int]
    term: str


@dataclass(slots=True)
class Groups:
    """The values of a field. `records`: how many were looked at; `without`: how many of these have none; `values`: how many
    values there are; `since`: of the oldest record that was looked at, where there were too many for all."""

    by: str
    span: Span
    groups: list[Group] = field(default_factory=list)
    records: int = 0
    without: int = 0
    values: int = 0
    since: datetime | None = None

    @property
    def is_timed(self) -> bool:
        """Whether any of them was measured."""
        return any(group.p95_ms is not None for group in self.groups)


def read_by(text: str) -> str:
    """The field's name, or '@' and the attribute's; ValueError for what is neither."""
    text = text.replace("\0", " ").strip().removesuffix(":")
    if NAMES.get(text.lower()) in FIELDS:
        return NAMES[text.lower()]
    if match := ATTRIBUTE.fullmatch(text):
        return "@" + (match[1] or match[2]).strip('"')
    raise ValueError(f"by: '{text[:40]}' is no field; use {', '.join(FIELDS)}, or an attribute such as @tenant")


def read_groups(
    environment: Environment, filters: LogFilters, by: str, order: str = "records", most: int = SHOWN
) -> Groups:
    """The records that the search finds, by a name that `read_by` gave; SearchTooSlowError."""
    until = filters.until or clock.now()
    span = span_of(filters.since or until, until, coarse=True)
    matching = (
        find_logs(environment, filters).annotate(value=Left(expression_of(by), VALUE_CHARS)).order_by("-timestamp")
    )
    columns = matching.values_list("value", "severity_number", "duration_ms", "timestamp")[:LOOKED_AT]
    compiled, parameters = columns.query.sql_with_params()
    statement = COUNT.format(matching=compiled, error=severity.ERROR, order=ORDERS[order])
    with search_limits(SECONDS):
        found = fetch(statement, [*parameters, most, span.step])
    total, without, since, first, *_, values, _, _ = found[0]
    groups = Groups(by, span, records=total, without=without, values=values or 0)
    groups.since = since if total == LOOKED_AT else None
    groups.groups = [group_of(by, span, row[3:]) for row in found if first is not None]
    return groups


def expression_of(by: str) -> Any:
    """The value as a text."""
    if by.startswith("@"):
        path = (F("attributes"), Value(by[1:]))
        return Func(*path, function="jsonb_extract_path_text", output_field=CharField())
    return FIELDS[by]


def group_of(by: str, span: Span, row: Sequence[Any]) -> Group:
    """From what was counted of it."""
    value, records, errors, p95_ms, last_seen, _, moments, numbers = row
    if by == "template":
        value = write_id(int(value))
    term = write_attribute(by[1:], value) if by.startswith("@") else write_field(by, value)
    counted = dict(zip(moments, numbers, strict=True))
    counts = [counted.get(moment, 0) for moment in span.times]
    return Group(value, records, errors, p95_ms, last_seen, counts, term if len(value) < VALUE_CHARS else "")
