"""What to look for in spans: read from an address, applied to a query set."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Self

from django.db.models import Q, QuerySet

from diagnostics.core import limits
from diagnostics.models import Span
from diagnostics.search.filters import status_range
from diagnostics.search.query import STATUS
from diagnostics.search.ranges import TimeRange, read_range

DEFAULT_RANGE: Final = "1h"
SORTS: Final = {"newest": "Newest", "slowest": "Slowest"}
ERROR: Final = "error"
STATUS_ERROR: Final = 2  # as OpenTelemetry numbers it
FAILED: Final = Q(status_code=STATUS_ERROR) | Q(http_status__gte=500)
# Field of a filter -> column of the span; compared as it is.
COLUMNS: Final = {"service": "service_name", "session": "session_id", "release": "release"}
FIELD_NAMES: Final = ("service", "name", "min", "status", "session", "user", "release")
NUMBER: Final = re.compile(r"(?P<number>[0-9]{1,9}(?:\.[0-9]{1,3})?) ?(?P<unit>ms|s|min)?", re.ASCII)
UNITS: Final = {"ms": 1, "s": 1000, "min": 60_000}
LONGEST_MS: Final = 24 * 60 * UNITS["min"]


@dataclass(frozen=True, slots=True)
class TraceFilters:
    """Everything that a search for traces may ask for; one span of a trace must fit all of it."""

    time: TimeRange
    sort: str = "newest"
    fields: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_params(cls, params: Mapping[str, Any], now: datetime | None = None) -> Self:
        """ValueError names the parameter that is wrong, and what would do."""
        fields = {name: str(params.get(name) or "").strip()[: 2 * limits.NAME_CHARS] for name in FIELD_NAMES}
        fields = {name: value for name, value in fields.items() if value}
        if "min" in fields:
            read_length(fields["min"])
        status = fields.get("status", ERROR)
        if status != ERROR and not STATUS.match(status):
            raise ValueError(f"status: '{status[:20]}' is no status; use error, 5xx or 503")
        sort = str(params.get("sort") or "newest")
        return cls(read_range(params, DEFAULT_RANGE, now), sort if sort in SORTS else "newest", fields)

    def with_user_keys(self, keys: list[str]) -> Self:
        """The same, with the pseudonyms that stand for the person."""
        return replace(self, fields={**self.fields, "user": ",".join(keys)})


def read_length(text: str) -> int:
    """Nanoseconds of '500', '1.5s' or '2 min'; ValueError for what is none."""
    match = NUMBER.fullmatch(text)
    if match is None:
        raise ValueError(f"min: '{text[:20]}' is no length of time; use milliseconds such as 500, or 1.5s")
    value = float(match["number"]) * UNITS[match["unit"] or "ms"]
    if value > LONGEST_MS:
        raise ValueError("min: at most 24 hours (86400s)")
    return round(value * 1_000_000)


def filter_spans(rows: "QuerySet[Span]", filters: TraceFilters) -> "QuerySet[Span]":
    """`rows`, cut to spans that fit. The caller has cut them to environments that may be seen."""
    rows = rows.filter(timestamp__gte=filters.time.since)
    if filters.time.end:
        rows = rows.filter(timestamp__lt=filters.time.end)
    for name, value in filters.fields.items():
        rows = rows.filter(condition_of(name, value))
    return rows


def condition_of(name: str, value: str) -> Q:
    """The condition of one field. One on a session says that there is one: its index leaves out the spans without."""
    if name == "session":
        return Q(session_id__gt="", session_id=value)
    if name in COLUMNS:
        return Q(**{COLUMNS[name]: value})
    if name == "name":
        return Q(name__icontains=value) | Q(http_route__icontains=value)
    if name == "min":
        return Q(duration_ns__gte=read_length(value))
    if name == "user":
        return Q(user_key__gt="", user_key__in=value.split(","))
    if value == ERROR:
        return FAILED
    low, high = status_range(value)
    return Q(http_status__gte=low, http_status__lte=high)
