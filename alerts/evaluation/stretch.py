"""A stretch of minutes in memory, added up by series, so that any window of any signal is a difference of two sums.

Pure: minutes go in, sums come out; live evaluation and backtest hold the same object. Rules do not read minutes, they
ask for windows, so a thousand rules cost little more than one.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from alerts.evaluation.series import TEMPLATE, Series, group_series
from alerts.evaluation.signals import OF_REQUESTS
from diagnostics.core.histogram import merge

Histogram = Mapping[str, int]
SEEN: Final = "seen"  # a sum that grows with each minute in which the series was heard of
TRACED_MINUTES: Final = 30  # a service that sent spans so lately is counted by its spans, not by its records


class Row(NamedTuple):
    """One rollup row. `minute` is the minute's number since 1970; counts that are 0 may be left out."""

    minute: int
    source: str
    series: Series
    counts: Mapping[str, int]
    latency: Histogram = {}


@dataclass(slots=True)
class Sums:
    """One signal of one series: the minutes that have any, and the running total after each."""

    minutes: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=lambda: [0])

    def add(self, minute: int, count: int) -> None:
        """Minutes come in order; several rows of one minute are added."""
        if self.minutes and self.minutes[-1] == minute:
            self.totals[-1] += count
        else:
            self.minutes.append(minute)
            self.totals.append(self.totals[-1] + count)

    def between(self, since: int, until: int) -> int:
        """The sum over [since, until)."""
        minutes = self.minutes
        return self.totals[bisect_left(minutes, until)] - self.totals[bisect_left(minutes, since)]

    def cut_from(self, minute: int) -> None:
        """Forget this minute and what follows."""
        place = bisect_left(self.minutes, minute)
        del self.minutes[place:], self.totals[place + 1 :]

    def cut_before(self, minute: int) -> None:
        """Forget what is older than this minute."""
        place = bisect_left(self.minutes, minute)
        del self.minutes[:place], self.totals[:place]


NO_SUMS: Final = Sums()


@dataclass(slots=True)
class Lane:
    """All signals of one series."""

    sums: dict[str, Sums] = field(default_factory=dict)
    latency: dict[int, Histogram] = field(default_factory=dict)

    def add(self, minute: int, name: str, count: int) -> None:
        """Count something."""
        found = self.sums.get(name)
        if found is None:
            found = self.sums[name] = Sums()
        found.add(minute, count)

    def count(self, name: str, since: int, until: int) -> int:
        """Events of a signal in [since, until)."""
        return self.sums.get(name, NO_SUMS).between(since, until)

    def histogram(self, since: int, until: int) -> Histogram:
        """Response times in [since, until)."""
        return merge(*(self.latency[minute] for minute in range(since, until) if minute in self.latency))

    def was_seen(self, since: int, until: int) -> bool:
        """Whether anything was heard of it in [since, until)."""
        return self.count(SEEN, since, until) > 0

    def first_seen(self, otherwise: int) -> int:
        """The oldest minute that has anything."""
        minutes = self.sums.get(SEEN, NO_SUMS).minutes
        return minutes[0] if minutes else otherwise

    def last_seen(self) -> int | None:
        """The newest minute that has anything."""
        minutes = self.sums.get(SEEN, NO_SUMS).minutes
        return minutes[-1] if minutes else None


class Stretch:
    """Lanes of the groupings asked for, over minutes that are put in, in order."""

    def __init__(self, groupings: Iterable[str]) -> None:
        self.lanes: dict[str, dict[Series, Lane]] = {group_by: {} for group_by in groupings}
        self.spans: dict[str, Sums] = {}  # of each service: minutes that had spans
        self.oldest: int | None = None  # the first minute that has anything

    def put(self, rows: Iterable[Row]) -> None:
        """Add rows, all of minutes not older than what is in already."""
        for minute, together in by_minute(rows):
            if self.oldest is None:
                self.oldest = minute
            for row in together:
                if row.source == "span":
                    self.spans.setdefault(row.series.service_name, Sums()).add(minute, 1)
            for row in together:
                self.put_row(row, self.counts_requests(row))

    def counts_requests(self, row: Row) -> bool:
        """Whether requests of this service are taken from rows of this source."""
        spans = self.spans.get(row.series.service_name, NO_SUMS)
        is_traced = spans.between(row.minute - TRACED_MINUTES, row.minute + 1) > 0
        return is_traced == (row.source == "span")

    def put_row(self, row: Row, counts_requests: bool) -> None:
        """Add one row to its lane of each grouping."""
        counts = [
            (name, count)
            for name, count in row.counts.items()
            if count and (counts_requests or name not in OF_REQUESTS)
        ]
        latency = row.latency if counts_requests else {}
        is_template = row.source == TEMPLATE  # counts of patterns are no further records of their service
        for group_by, lanes in self.lanes.items():
            if (group_by == TEMPLATE) != is_template:
                continue
            series = row.series if is_template else group_series(group_by, row.series)
            lane = lanes.get(series)
            if lane is None:
                lane = lanes[series] = Lane()
            lane.add(row.minute, SEEN, 1)
            for name, count in counts:
                lane.add(row.minute, name, count)
            if latency:
                before = lane.latency.get(row.minute)
                lane.latency[row.minute] = merge(before, latency) if before else latency

    def cut_from(self, minute: int) -> None:
        """Forget this minute and what follows, to put it in anew."""
        for sums in self.every_sums():
            sums.cut_from(minute)
        for lanes in self.lanes.values():
            for lane in lanes.values():
                for number in [number for number in lane.latency if number >= minute]:
                    del lane.latency[number]

    def cut_before(self, minute: int) -> None:
        """Forget what is older, and the series that nothing is left of."""
        for sums in self.every_sums():
            sums.cut_before(minute)
        for lanes in self.lanes.values():
            for series, lane in list(lanes.items()):
                if lane.last_seen() is None:
                    del lanes[series]
                    continue
                for number in [number for number in lane.latency if number < minute]:
                    del lane.latency[number]
        if self.oldest is not None:
            self.oldest = max(self.oldest, minute)

    def every_sums(self) -> Iterable[Sums]:
        """All running sums."""
        yield from self.spans.values()
        for lanes in self.lanes.values():
            for lane in lanes.values():
                yield from lane.sums.values()


def by_minute(rows: Iterable[Row]) -> list[tuple[int, list[Row]]]:
    """Rows of each minute, oldest minute first."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.minute, []).append(row)
    return sorted(found.items())
