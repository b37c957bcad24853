"""Evidence that a series has shifted upwards: log likelihood ratios under heavy tails, added up (CUSUM)."""

import math
from typing import Final

from diagnostics.detection.kept import Kept

SIZES: Final = (2.0, 4.0)  # shifts looked for, in standard deviations
MOST: Final = 4.6  # nats that one minute may bring: no minute rings alone
LEAST: Final = -6.0
LN10: Final = math.log(10.0)


class Shift(Kept):
    """One running sum for each size; it starts anew whenever business as usual explains all better."""

    __slots__ = ("lengths", "rises", "sums")

    def __init__(self) -> None:
        self.sums = [0.0] * len(SIZES)
        self.rises = [0.0] * len(SIZES)
        self.lengths = [0.0] * len(SIZES)

    def add(self, deviation: float, scale: float, freedom: float, least_rise: float) -> float:
        """Take a minute; the evidence in decades. A shift counts only from `least_rise` on, on average."""
        largest = 0.0
        unit = scale * scale * freedom
        half = (freedom + 1.0) / 2.0
        plain = unit + deviation * deviation
        for index, size in enumerate(SIZES):
            shift = max(size * scale, least_rise * size / 2.0)
            rest = deviation - shift
            gain = half * math.log(plain / (unit + rest * rest))
            total = self.sums[index] + min(max(gain, LEAST), MOST)
            if total <= 0.0:
                self.sums[index] = self.rises[index] = self.lengths[index] = 0.0
                continue
            self.sums[index] = min(total, 100.0)
            self.rises[index] += deviation
            self.lengths[index] += 1.0
            if total > largest and self.rises[index] > least_rise * self.lengths[index]:
                largest = total
        return largest / LN10

    def reset(self) -> None:
        """Start anew."""
        for values in (self.sums, self.rises, self.lengths):
            values[:] = [0.0] * len(SIZES)
