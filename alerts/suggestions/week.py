"""A service's last week in memory: one row a minute and source, its routes and releases added up.

Rules that look at each service see the same in it as in the rows themselves, and a trial costs a second, not a minute.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from alerts.evaluation.history import number_of, read_rows
from alerts.evaluation.series import Series
from alerts.evaluation.stretch import Row
from alerts.suggestions.found import WEEK
from diagnostics.core.histogram import merge

LONGEST: Final = 240  # minutes of a window that is tried
BEFORE: Final = 2 * LONGEST  # minutes before the week that such a rule remembers at its beginning


@dataclass(slots=True)
class Week:
    """Minutes in [since, until), and some before."""

    environment_id: int
    service_name: str
    since: int
    until: int
    rows: dict[int, list[Row]]

    @property
    def heard(self) -> list[int]:
        """Minutes of the week in which the service was heard of, in order."""
        return sorted(minute for minute in self.rows if minute >= self.since)


def read_week(environment_id: int, service_name: str, now: datetime) -> Week:
    """The week that ends with the last minute that is over."""
    until = number_of(now)
    since = until - WEEK
    rows = read_rows(environment_id, since - BEFORE, until, service_name)
    return Week(environment_id, service_name, since, until, add_up(rows, service_name))


def add_up(rows: Iterable[Row], service_name: str) -> dict[int, list[Row]]:
    """One row a minute and source."""
    sums: dict[tuple[int, str], tuple[dict[str, int], dict[str, int]]] = {}
    for row in rows:
        counts, latency = sums.setdefault((row.minute, row.source), ({}, {}))
        for name, count in row.counts.items():
            counts[name] = counts.get(name, 0) + count
        if row.latency:
            sums[row.minute, row.source] = (counts, merge(latency, row.latency))
    found: dict[int, list[Row]] = defaultdict(list)
    for (minute, source), (counts, latency) in sorted(sums.items()):
        found[minute].append(Row(minute, source, Series(service_name), counts, latency))
    return dict(found)
