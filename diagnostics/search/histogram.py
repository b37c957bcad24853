"""How many records a search finds, by time and level. Sums know levels and services; whatever else is asked for is counted,
within a short time."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Count, DateTimeField, F, Func, QuerySet, Value

from diagnostics.core.severity import BANDS, parse_severity
from diagnostics.models import LogRecord
from diagnostics.search.filters import LogFilters, band_of_level, filter_logs
from diagnostics.search.golden import Golden, Sums, arrange
from diagnostics.search.page import search_limits

SECONDS: Final = 1.5  # the list is what people wait for; bars must not keep it
FEW: Final = 20_000  # records that are counted in any case: it costs some hundredths of a second
KNOWN: Final = frozenset({"service", "level"})
SUMMED: Final = frozenset({"trace", "warn", "error", "fatal"})  # levels from which on sums know how many there are
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted: the bars, and totals by band (of every level, whichever is chosen) and by class of status."""

    golden: Golden
    bands: dict[str, int]
    statuses: dict[str, int]


def is_summed(filters: LogFilters) -> bool:
    """Whether sums know how many records the search finds."""
    level = filters.fields.get("level")
    asks_more = filters.texts or filters.without or filters.terms or filters.choices
    is_plain = not (asks_more or filters.fields.keys() - KNOWN)
    return is_plain and (not level or band_of_level(level) in SUMMED)


def count_records(rows: "QuerySet[LogRecord]", filters: LogFilters, grid: Golden) -> Counted:
    """The records that the search finds, in the steps of `grid`; SearchTooSlowError where that takes too long."""
    level = filters.fields.get("level")
    lowest = BANDS.index(band_of_level(level)) if level and parse_severity(level) else 0
    every_level = replace(filters, fields={name: value for name, value in filters.fields.items() if name != "level"})
    bucket = Func(Value(grid.step), F("timestamp"), Value(EPOCH), function="date_bin", output_field=DateTimeField())
    found = (
        filter_logs(rows, every_level)
        .annotate(bucket=bucket, band=(F("severity_number") - 1) / 4, status=F("http_status") / 100)
        .values_list("bucket", "band", "status", "service_name")
        .annotate(count=Count("*"))
        .order_by()
    )
    with search_limits(SECONDS):
        return arrange_counts(list(found), lowest, grid)


def arrange_counts(found: list[tuple[Any, ...]], lowest: int, grid: Golden) -> Counted:
    """The same by step, band and status."""
    bands, statuses = dict.fromkeys(BANDS, 0), dict.fromkeys(("5xx", "4xx", "2xx"), 0)
    sums: dict[tuple[datetime, str], Sums] = {}
    for bucket, number, status, service, count in found:
        band = min(max(number, 0), len(BANDS) - 1)
        bands[BANDS[band]] += count
        if band < lowest:
            continue
        if f"{status}xx" in statuses:
            statuses[f"{status}xx"] += count
        add_count(sums.setdefault((bucket, service), Sums()).counts, BANDS[band], count)
    return Counted(arrange(grid.since, grid.until, grid.step, grid.times, sums), bands, statuses)


def add_count(counts: dict[str, int], band: str, count: int) -> None:
    """As sums name them: errors are fatal ones, too."""
    counts["records"] += count
    counts["warnings"] += count if band == "warn" else 0
    counts["errors"] += count if band in ("error", "fatal") else 0
    counts["fatals"] += count if band == "fatal" else 0
