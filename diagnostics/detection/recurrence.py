"""Spikes that come back: what a scheduled job did at this minute before is no surprise now."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from diagnostics.detection.kept import Kept

HOUR: Final = 60
DAY: Final = 1440
KEEP: Final = 2 * DAY + 5  # minutes
MOST: Final = 200
HOURS: Final = (HOUR, 2 * HOUR, 3 * HOUR)
DAYS: Final = (DAY, 2 * DAY)


class Recurrence(Kept):
    """The spikes of the last two days: minute -> by how much it stood out."""

    __slots__ = ("spikes",)

    def __init__(self) -> None:
        self.spikes: dict[int, float] = {}

    def note(self, minute: int, excess: float) -> None:
        """Remember a spike; the oldest go."""
        spikes = self.spikes
        spikes.pop(minute, None)
        spikes[minute] = excess
        while len(spikes) > MOST or next(iter(spikes)) < minute - KEEP:
            del spikes[next(iter(spikes))]

    def due(self, minute: int) -> float:
        """What may be expected above the rate at this minute: seen in each of three hours, or on both days."""
        if not self.spikes:
            return 0.0
        return max(
            min(self.around(minute - back, 1) for back in HOURS),
            min(self.around(minute - back, 2) for back in DAYS),
        )

    def around(self, minute: int, slack: int) -> float:
        """The largest spike within some minutes."""
        get = self.spikes.get
        return max(get(near, 0.0) for near in range(minute - slack, minute + slack + 1))

    def dump(self, into: list[float]) -> None:
        """Count, minutes, sizes."""
        into.append(len(self.spikes))
        into.extend(self.spikes)
        into.extend(self.spikes.values())

    def load(self, source: Iterator[float]) -> None:
        """The same order, oldest first."""
        count = min(int(next(source)), MOST)
        minutes = [int(minute) for minute in islice(source, count)]
        self.spikes = dict(zip(minutes, islice(source, count), strict=True))
