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

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values: list[float] = []

    def distance(self, value: float, first: float) -> float:
        """To the nearest earlier value, as a share of the range so far; and remember the value.

        `first` is the distance where there is no range yet: of the first move of a series that stood still.
        """
        values = self.values
        if not values:
            values.append(value)
            return 0.0
        index = bisect_left(values, value)
        below = value - values[index - 1] if index else inf
        above = values[index] - value if index < len(values) else inf
        gap = min(below, above)
        if gap == 0.0:
            return 0.0
        width = values[-1] - values[0] if len(values) > 1 else 0.0
        values.insert(index, value)
        if len(values) > MOST:
            self.thin()
        return min(gap / width, 1e6) if width > 0.0 else first

    def thin(self) -> None:
        """Drop the value whose neighbours are closest; the ends stay."""
        values = self.values
        closest = min(range(1, len(values) - 1), key=lambda index: values[index + 1] - values[index - 1])
        del values[closest]

    def dump(self, into: list[float]) -> None:
        """Count and values."""
        into.append(len(self.values))
        into.extend(self.values)

    def load(self, source: Iterator[float]) -> None:
        """Sorted, as kept."""
        self.values = list(islice(source, min(int(next(source)), MOST)))
