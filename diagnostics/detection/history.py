"""How rare a size is among all sizes that a series has shown: a histogram of logarithms with a heavy-tailed prior."""

import math
from typing import Final

from diagnostics.detection.kept import Kept

BINS: Final = 32
AN_OCTAVE: Final = 2.0  # bins
FIRST: Final = 18  # the bin of the first size; what outgrows the last bin moves all down
PRIOR: Final = 8.0  # observations: what was never seen may come
TINY: Final = 1e-12


class History(Kept):
    """Counts of sizes from tiny to huge, in half octaves."""

    __slots__ = ("counts", "shift", "total", "unit")

    def __init__(self) -> None:
        self.counts = [0.0] * BINS
        self.unit = 0.0
        self.shift = 0
        self.total = 0.0

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
        above = sum(counts[index + 1 :])
        tail = above + counts[index] * (1.0 - (place - index) if place > 0.0 else 1.0)
        prior = self.beyond(place)
        share = (tail + PRIOR * prior) / (self.total + PRIOR)
        counts[index] += 1.0
        self.total += 1.0
        return -math.log10(share) if share < 1.0 else 0.0

    def beyond(self, place: float) -> float:
        """The prior's tail: it falls with the size, from the middle of what was seen."""
        half, seen = self.total / 2.0, 0.0
        for index, count in enumerate(self.counts):
            seen += count
            if seen >= half:
                return 1.0 / (1.0 + math.pow(2.0, (place - index - 0.5) / AN_OCTAVE))
        return 0.5

    def move(self, place: float) -> float:
        """Make room for a larger size; the smallest share a bin."""
        step = int(place) - BINS + 1
        counts = self.counts
        low = sum(counts[: step + 1])
        self.counts = [low, *counts[step + 1 :], *[0.0] * min(step, BINS - 1)][:BINS]
        self.counts += [0.0] * (BINS - len(self.counts))
        self.shift += step
        return place - step
