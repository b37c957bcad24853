"""How a gauge moves: six statistics with their sign, each compared with all that the series has shown of it."""

import math
from typing import Final

from diagnostics.detection.history import History
from diagnostics.detection.kept import Kept

FAST, SLOW, VOLATILE = 0.06, 0.002, 0.05  # share of the newest point in each mean
SLOTS: Final = 96  # quarters of an hour
SLOT_PACE: Final = 0.3
STATISTICS: Final = 6


class Movement(Kept):
    """A fast and a slow level, how restless the series is, and what is usual at this time of day."""

    __slots__ = ("calm", "count", "falls", "fast", "last", "rises", "slots", "slow", "usual_calm")

    def __init__(self) -> None:
        self.rises = [History() for _ in range(STATISTICS)]
        self.falls = [History() for _ in range(STATISTICS)]
        self.fast = self.slow = self.last = 0.0
        self.calm = self.usual_calm = 0.0
        self.slots = [math.nan] * SLOTS
        self.count = 0

    def rarity(self, seconds: float, value: float) -> float:
        """The mean rarity of the six, as -log10 of a share; and learn the value."""
        if self.count == 0:
            self.fast = self.slow = self.last = value
        slot = int(seconds // 900) % SLOTS
        usual = self.slots[slot]
        if math.isnan(usual):
            usual = self.slow
        off = value - self.fast
        statistics = (
            off,
            self.fast - self.slow,
            self.calm - self.usual_calm,
            value - self.last,
            value - self.slow,
            value - usual,
        )
        total = 0.0
        for index, size in enumerate(statistics):
            total += self.rises[index].rarity(size) if size >= 0.0 else self.falls[index].rarity(-size)
        self.slots[slot] = usual + SLOT_PACE * (value - usual)
        self.learn(value, off)
        return total / STATISTICS

    def learn(self, value: float, off: float) -> None:
        """Move the means; the first points move them more."""
        self.count += 1
        pace = 1.0 / self.count
        self.fast += max(FAST, pace) * off
        self.slow += max(SLOW, pace) * (value - self.slow)
        self.calm += max(VOLATILE, pace) * (abs(off) - self.calm)
        self.usual_calm += max(SLOW, pace) * (abs(off) - self.usual_calm)
        self.last = value
