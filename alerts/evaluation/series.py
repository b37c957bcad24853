"""Signals of an environment, read from minute rollups and nothing else.

Two statements an environment, however many rules: the minutes of the longest window, and the history before it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Final, NamedTuple

from alerts.models import AlertRule
from diagnostics.core import clock
from diagnostics.core.histogram import merge, quantile
from diagnostics.detection.sample import Sample
from diagnostics.models import MinuteRollup

HISTORY: Final = timedelta(hours=2)  # what is usual is read from this time before the window; longer for a longer one
QUANTILES: Final = {"latency_p50": 0.5, "latency_p95": 0.95, "latency_p99": 0.99}
# Signals that count requests: taken from spans where a service sends them, else from records.
OF_REQUESTS: Final = frozenset({"requests", "failures", "timeouts", "status_4xx", "status_5xx", *QUANTILES})


class Series(NamedTuple):
    """Whose signal it is; empty parts mean all."""

    service_name: str = ""
    http_route: str = ""

    @property
    def name(self) -> str:
        """As stored and shown."""
        return f"{self.service_name} {self.http_route}".strip()


@dataclass(slots=True)
class Totals:
    """Sums over some minutes."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    latency: dict[str, int] = field(default_factory=dict)


class Minute(NamedTuple):
    """One rollup row, as read."""

    minute: datetime
    source: str
    series: Series
    counts: dict[str, int]
    latency: dict[str, int]


def read_minutes(environment_id: int, since: datetime, until: datetime) -> list[Minute]:
    """Rollups of an environment in [since, until)."""
    rows = MinuteRollup.objects.filter(environment_id=environment_id, minute__gte=since, minute__lt=until)
    names = ("minute", "source", "service_name", "http_route", "latency", *MinuteRollup.COUNTS)
    return [
        Minute(
            row["minute"],
            row["source"],
            Series(row["service_name"], row["http_route"]),
            {name: row[name] for name in MinuteRollup.COUNTS},
            row["latency"],
        )
        for row in rows.values(*names)
    ]


KEPT: dict[int, tuple[tuple[datetime, datetime], list[Minute]]] = {}


def read_history(environment_id: int, since: datetime, until: datetime) -> list[Minute]:
    """The time before the windows, kept until the minute is over: only the present changes from second to second."""
    kept = KEPT.get(environment_id)
    if kept is None or kept[0] != (since, until):
        kept = KEPT[environment_id] = ((since, until), read_minutes(environment_id, since, until))
    return kept[1]


class Window:
    """The rollups that rules of an environment look at, `now`'s running minute included."""

    def __init__(self, environment_id: int, now: datetime, longest_minutes: int) -> None:
        self.end = clock.floor_minute(now) + timedelta(minutes=1)
        longest = timedelta(minutes=longest_minutes)
        recent = self.end - longest
        self.history = max(HISTORY, longest)
        before = read_history(environment_id, recent - self.history, recent)
        self.minutes = [*before, *read_minutes(environment_id, recent, self.end)]

    def samples(self, rule: AlertRule) -> Iterator[tuple[Series, Sample]]:
        """Each series of the rule that has anything in the window, with what is usual for it."""
        length = timedelta(minutes=rule.window_minutes)
        start = self.end - length
        now = self.totals(rule, start, self.end)
        earlier = [
            self.totals(rule, start - length * (number + 1), start - length * number)
            for number in range(min(self.history // length, 24))
        ]
        oldest = min((minute.minute for minute in self.minutes), default=self.end)
        known = sum(1 for number in range(len(earlier)) if start - length * (number + 1) >= oldest)
        for series, totals in now.items():
            past = [measure(rule.signal, window.get(series, Totals()))[0] for window in earlier[:known]]
            value, count = measure(rule.signal, totals)
            yield series, Sample(value, count, totals.counts["requests"], median(past) if past else None)

    def totals(self, rule: AlertRule, since: datetime, until: datetime) -> dict[Series, Totals]:
        """Sums by the rule's series; requests of a service come from one source."""
        chosen = [
            minute
            for minute in self.minutes
            if since <= minute.minute < until and rule.service_name in ("", minute.series.service_name)
        ]
        traced = {minute.series.service_name for minute in chosen if minute.source == "span"}
        found: dict[Series, Totals] = defaultdict(Totals)
        for minute in chosen:
            wanted = "span" if minute.series.service_name in traced else "log"
            add_minute(found[series_of(rule, minute.series)], minute, is_request_source=minute.source == wanted)
        return found


def add_minute(totals: Totals, minute: Minute, *, is_request_source: bool) -> None:
    """Add a rollup row to the sums."""
    for name, count in minute.counts.items():
        if name not in OF_REQUESTS or is_request_source:
            totals.counts[name] += count
    if is_request_source and minute.latency:
        totals.latency = merge(totals.latency, minute.latency)


def series_of(rule: AlertRule, series: Series) -> Series:
    """The series that a rollup row belongs to under the rule's grouping."""
    if rule.group_by == AlertRule.GroupBy.ROUTE:
        return series
    return Series(series.service_name) if rule.group_by == AlertRule.GroupBy.SERVICE else Series()


def measure(signal: str, totals: Totals) -> tuple[float, int]:
    """(value, events behind it) of a signal."""
    if signal in QUANTILES:
        return quantile(totals.latency, QUANTILES[signal]) or 0.0, sum(totals.latency.values())
    count = totals.counts[signal]
    return float(count), count


def longest_window(rules: Iterable[AlertRule]) -> int:
    """Minutes that must be read for these rules."""
    return max((rule.window_minutes for rule in rules), default=1)
