"""How far a value lies from every earlier one."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from math import inf
from typing import Final

from diagnostics.detection.kept import Kept

MOST: Final = 150


class Nearest(Kept):
    """A sorted sample of the values so far: when it is full, the closest neighbours become one."""

    __slots__ = ("_closest", "_spans", "values")

    def __init__(self) -> None:
        self.values: list[float] = []
        self._spans: list[float] = []  # from the neighbour before to the one after; the ends have none
        self._closest = -inf  # no more than the smallest span

    def distance(self, value: float, first: float) -> float:
        """To the nearest earlier value, as a share of the range so far; and remember the value.

        `first` is the distance where there is no range yet: of the first move of a series that stood still.
        """
        values = self.values
        if not values:
            values.append(value)
            self._spans.append(inf)
            return 0.0
        index = bisect_left(values, value)
        below = value - values[index - 1] if index else inf
        above = values[index] - value if index < len(values) else inf
        gap = min(below, above)
        if gap == 0.0:
            return 0.0
        width = values[-1] - values[0]
        if len(values) < MOST or not self.is_too_close(index, value):
            self.insert(index, value)
        return min(gap / width, 1e6) if width > 0.0 else first

    def is_too_close(self, index: int, value: float) -> bool:
        """Whether the new value would be the one to go at once: most are, and then nothing changes."""
        values = self.values
        if not 2 <= index <= len(values) - 2:
            return False
        low, high = values[index - 1], values[index]
        span = high - low
        return span < self._closest and span < value - values[index - 2] and span < values[index + 1] - value

    def insert(self, index: int, value: float) -> None:
        """Remember the value; if that is one too many, drop the one whose neighbours are closest; the ends stay."""
        values, spans = self.values, self._spans
        values.insert(index, value)
        spans.insert(index, inf)
        self.measure(index - 1, index + 2)
        if len(values) > MOST:
            closest = spans.index(min(spans))
            del values[closest], spans[closest]
            self.measure(closest - 1, closest + 1)
            self._closest = min(spans)

    def measure(self, start: int, end: int) -> None:
        """The spans of these places."""
        values, spans, last = self.values, self._spans, len(self.values) - 1
        for place in range(max(start, 0), min(end, last + 1)):
            spans[place] = values[place + 1] - values[place - 1] if 0 < place < last else inf

    def dump(self, into: list[float]) -> None:
        """Count and values."""
        into.append(len(self.values))
        into.extend(self.values)

    def load(self, source: Iterator[float]) -> None:
        """Sorted, as kept."""
        self.values = list(islice(source, min(int(next(source)), MOST)))
        self._spans = [inf] * len(self.values)
        self.measure(0, len(self.values))
        self._closest = min(self._spans, default=-inf)
