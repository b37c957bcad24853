"""Latency: are the last 2 to 60 minutes slow, in ranks of this series' own deviations?"""

import math
from typing import Final

from diagnostics.detection.calibration import Calibration, weighed
from diagnostics.detection.counts import CUT, ONE_IN_TEN, SPREAD_DOWN, SPREAD_UP, WARM_UP
from diagnostics.detection.kept import Kept
from diagnostics.detection.learning import Learning
from diagnostics.detection.log_level import LogLevel
from diagnostics.detection.profile import DAY
from diagnostics.detection.ranks import Ranks
from diagnostics.detection.recurrence import Recurrence
from diagnostics.detection.shift import Shift
from diagnostics.detection.tails import surprise_of
from diagnostics.detection.windows import MASK, Ring

WINDOWS: Final = (2, 3, 5, 8, 20)
RISE: Final = math.log(1.25)  # what matters: a quarter slower
GAIN: Final = 1.15  # what surprise above the notable counts for: found on labelled series
MOST_RISE: Final = 1.5  # one minute counts at most as e^1.5 = 4.5 times slower
FIRST_WIDTH, LEAST_WIDTH = 1.2, 0.7


class LatencyScan(Kept):
    """Sums of normal scores over windows, each in units of its own tracked width."""

    __slots__ = (
        "calibration",
        "deviation",
        "learning",
        "level",
        "mean",
        "ranks",
        "recurrence",
        "ring",
        "shift",
        "widths",
    )

    def __init__(self) -> None:
        self.level = LogLevel()
        self.ranks = Ranks()
        self.ring = Ring()
        self.recurrence = Recurrence()
        self.calibration = Calibration()
        self.learning = Learning()
        self.shift = Shift()
        self.widths = [FIRST_WIDTH] * len(WINDOWS)
        self.mean = 0.0
        self.deviation = 0.0

    def update(self, minute: int, value: float) -> float:
        """Take a minute's milliseconds; the calibrated surprise."""
        logarithm = math.log(value)
        minute_of_day = minute % DAY
        mean = self.level.forecast(minute_of_day)
        off = logarithm - mean
        self.mean = mean
        self.deviation = scale = self.ranks.scale
        if self.level.minutes == 0:
            off = 0.0
        off -= self.excuse(minute, off)
        self.ring.push(self.ranks.score(off), min(off, MOST_RISE))
        # Neighbours that move together bring less evidence than their number says: the width of two tells by how much.
        shifted = self.shift.add(off - self.ranks.quantiles[1], scale, self.ranks.freedom, RISE)
        surprise = 0.0
        if self.level.minutes >= WARM_UP:
            surprise = max(self.scan(), shifted / max(self.widths[0], 1.0) ** 2)
            surprise = self.calibration.scale(weighed(surprise, GAIN))
        weight = self.learning.weigh(surprise)
        is_fast = self.learning.is_relearning
        if not is_fast and self.level.minutes:
            logarithm = mean + weight * min(max(off, -CUT * scale), CUT * scale)
        if weight == 1.0 and not is_fast:
            self.ranks.learn(off)
        self.level.learn(minute_of_day, logarithm, scale, is_fast)
        if self.learning.is_over:
            self.learning.reset()
            self.ring.reset()
            self.shift.reset()
        return surprise

    def excuse(self, minute: int, off: float) -> float:
        """What a slow minute that came back at its time takes off."""
        if off < RISE or off < CUT * self.deviation:
            return 0.0
        return min(1.3 * self.recurrence.take(minute, off), off)

    def scan(self) -> float:
        """The largest surprise of all windows; each window's width learns from it too."""
        ring, widths = self.ring, self.widths
        scores, rises, place = ring.seen, ring.expected, ring.place
        score_now, rise_now = scores[place], rises[place]
        largest = 0.0
        for index, length in enumerate(WINDOWS):
            if length > ring.length:
                break
            start = (place - length) & MASK
            total = score_now - scores[start]
            width = widths[index]
            ratio = total * total / (length * width * width)
            if total > 0.0 and ratio > ONE_IN_TEN:
                widths[index] = width * SPREAD_UP
                if ratio > largest and ratio > 2.0 and rise_now - rises[start] > RISE * length:
                    largest = ratio
            else:
                widths[index] = max(width * SPREAD_DOWN, LEAST_WIDTH)
        return surprise_of(math.sqrt(largest)) if largest else 0.0

    def skip(self, minutes: int) -> None:
        """Minutes of which nothing is known."""
        self.ring.skip(minutes)
        if minutes > DAY // 2:
            self.learning.reset()
