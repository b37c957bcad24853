"""Deviations as normal scores: how rare one is among all that this series has shown, so that heavy tails weigh little."""

import math
from typing import Final

from diagnostics.detection.kept import Kept

SHARES: Final = (0.25, 0.5, 0.75, 0.9, 0.97)
SCORES: Final = (-0.674, 0.0, 0.674, 1.282, 1.881)  # of the normal distribution at these shares
PACE: Final = 0.01  # of the scale, a minute
LEAST_SCALE: Final = 0.01
BEYOND: Final = 0.8  # how fast the score grows with the logarithm of what lies beyond the last quantile
HIGHEST, LOWEST = 3.6, -2.0


class Ranks(Kept):
    """Five quantiles of the deviations, tracked; between them the score is interpolated."""

    __slots__ = ("minutes", "quantiles")

    def __init__(self) -> None:
        self.quantiles = [0.15 * score for score in SCORES]
        self.minutes = 0

    @property
    def scale(self) -> float:
        """Half the width of the middle half, as a standard deviation."""
        return max((self.quantiles[2] - self.quantiles[0]) / 1.349, LEAST_SCALE)

    @property
    def freedom(self) -> float:
        """Degrees of freedom of Student's t with such a tail: 30 is as good as normal, 2 is wild."""
        _, middle, high, _, last = self.quantiles
        ratio = (last - middle) / max(high - middle, LEAST_SCALE)
        return min(max(3.3 / max(ratio - 2.75, 0.1), 2.0), 30.0)

    def score(self, deviation: float) -> float:
        """The normal score."""
        low, middle, high, tenth, last = self.quantiles
        if deviation <= middle:
            return max(0.674 * (deviation - middle) / max(middle - low, LEAST_SCALE), LOWEST)
        if deviation <= high:
            return 0.674 * (deviation - middle) / max(high - middle, LEAST_SCALE)
        if deviation <= tenth:
            return 0.674 + 0.608 * (deviation - high) / (tenth - high)
        if deviation <= last:
            return 1.282 + 0.599 * (deviation - tenth) / (last - tenth)
        return min(1.881 + BEYOND * math.log1p((deviation - last) / max(last - tenth, LEAST_SCALE)), HIGHEST)

    def learn(self, deviation: float) -> None:
        """Move each quantile towards its share."""
        self.minutes += 1
        step = self.scale * max(PACE, 2.0 / (10.0 + self.minutes))
        quantiles = self.quantiles
        before = -math.inf
        for index, share in enumerate(SHARES):
            value = quantiles[index]
            value += step * share if deviation > value else -step * (1.0 - share)
            quantiles[index] = before = max(value, before)
