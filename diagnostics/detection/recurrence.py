"""Spikes that come back: what a scheduled job did at this minute before is no surprise now."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from diagnostics.detection.kept import Kept

HOUR: Final = 60
DAY: Final = 1440
HOURS: Final = (HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR)
LONGEST: Final = HOURS[-1] + 2
MOST_HOURLY, MOST_DAILY = 182, 180  # spikes kept: what fits into a state
# Seen at each of these ages, a spike belongs to a job: several hours apart, every day.
LONGER: Final = (
    (2 * HOUR, 4 * HOUR),
    (3 * HOUR, 6 * HOUR),
    (6 * HOUR, 12 * HOUR),
    (12 * HOUR, 24 * HOUR),
    (DAY, 2 * DAY),
)
EXPLAINED: Final = 0.6  # of a spike: the last hours know it well enough, the days need not keep it


class Spikes(Kept):
    """Spikes of some last minutes, oldest first: minute -> by how much it stood out."""

    __slots__ = ("found", "longest", "most")

    def __init__(self, longest: int, most: int) -> None:
        self.found: dict[int, float] = {}
        self.longest = longest
        self.most = most

    def note(self, minute: int, size: float) -> None:
        """Remember a spike; the oldest go."""
        found = self.found
        found.pop(minute, None)
        found[minute] = size
        while len(found) > self.most or next(iter(found)) < minute - self.longest:
            del found[next(iter(found))]

    def common(self, minute: int, ages: tuple[int, ...], slack: int) -> float:
        """What was there at two of these ages at least, give or take some minutes: the second largest."""
        if not self.found:
            return 0.0
        get = self.found.get
        sizes = []
        for age in ages:
            centre = minute - age
            sizes.append(max([get(near, 0.0) for near in range(centre - slack, centre + slack + 1)]))
        sizes.sort()
        return sizes[-2]

    def dump(self, into: list[float]) -> None:
        """Count, minutes, sizes."""
        into.append(len(self.found))
        into.extend(self.found)
        into.extend(self.found.values())

    def load(self, source: Iterator[float]) -> None:
        """The same order, oldest first."""
        count = min(int(next(source)), self.most)
        minutes = [int(minute) for minute in islice(source, count)]
        self.found = dict(zip(minutes, islice(source, count), strict=True))


class Recurrence(Kept):
    """Seen at this minute in two of the last four hours, or at this time on both of the last two days."""

    __slots__ = ("days", "hours")

    def __init__(self) -> None:
        self.hours = Spikes(longest=LONGEST, most=MOST_HOURLY)
        self.days = Spikes(longest=2 * DAY + 3, most=MOST_DAILY)

    def take(self, minute: int, size: float) -> float:
        """What could be expected of this spike; and remember it."""
        hourly = self.hours.common(minute, HOURS, 1)
        daily = max(self.days.common(minute, ages, 2) for ages in LONGER)
        self.hours.note(minute, size)
        if hourly < EXPLAINED * size:
            self.days.note(minute, size)
        return max(hourly, daily)
