"""How rare a size is among all sizes that a series has shown: a histogram of logarithms with a heavy-tailed prior."""

import math
from collections.abc import Iterator
from typing import Final

from diagnostics.detection.kept import Kept

BINS: Final = 32
AN_OCTAVE: Final = 2.0  # bins
FIRST: Final = 18  # the bin of the first size; what outgrows the last bin moves all down
PRIOR: Final = 8.0  # observations: what was never seen may come
TINY: Final = 1e-12


class History(Kept):
    """Counts of sizes from tiny to huge, in half octaves."""

    __slots__ = ("_middle", "_up_to_middle", "counts", "shift", "total", "unit")

    def __init__(self) -> None:
        self.counts = [0.0] * BINS
        self.unit = 0.0
        self.shift = 0
        self.total = 0.0
        self._middle = 0  # the bin in which half of all sizes is reached, from below
        self._up_to_middle = 0.0

    def rarity(self, size: float) -> float:
        """-log10 of the share of earlier sizes as large as this one; and remember it."""
        if size <= TINY:
            self.total += 1.0
            return 0.0
        if not self.unit:
            self.unit = size
        place = AN_OCTAVE * math.log2(size / self.unit) + FIRST - self.shift
        if place >= BINS:
            place = self.move(place)
        index = int(place) if place > 0.0 else 0
        counts = self.counts
        here = counts[index]
        tail = sum(counts[index + 1 :]) + here * (1.0 - (place - index) if place > 0.0 else 1.0)
        share = (tail + PRIOR * self.beyond(place)) / (self.total + PRIOR)
        counts[index] = here + 1.0
        self.total += 1.0
        if index <= self._middle:
            self._up_to_middle += 1.0
        return -math.log10(share) if share < 1.0 else 0.0

    def beyond(self, place: float) -> float:
        """The prior's tail: it falls with the size, from the middle of what was seen."""
        half, seen = self.total / 2.0, self._up_to_middle
        if not seen >= half > seen - self.counts[self._middle] and not self.find_middle(half):
            return 0.5
        return 1.0 / (1.0 + math.pow(2.0, (place - self._middle - 0.5) / AN_OCTAVE))

    def find_middle(self, half: float) -> bool:
        """Follow the middle, which moves little from one size to the next; False where most sizes were nothing."""
        counts, middle, seen = self.counts, self._middle, self._up_to_middle
        while seen < half and middle < BINS - 1:
            middle += 1
            seen += counts[middle]
        while middle and seen - counts[middle] >= half:
            seen -= counts[middle]
            middle -= 1
        self._middle, self._up_to_middle = middle, seen
        return seen >= half

    def move(self, place: float) -> float:
        """Make room for a larger size; the smallest share a bin."""
        step = int(place) - BINS + 1
        counts = self.counts
        low = sum(counts[: step + 1])
        self.counts = [low, *counts[step + 1 :], *[0.0] * min(step, BINS - 1)][:BINS]
        self.counts += [0.0] * (BINS - len(self.counts))
        self.shift += step
        self.restart()
        return place - step

    def restart(self) -> None:
        """Look for the middle from the first bin on."""
        self._middle, self._up_to_middle = 0, self.counts[0]

    def load(self, source: Iterator[float]) -> None:
        """The numbers, and the middle that follows from them."""
        super().load(source)
        self.restart()
