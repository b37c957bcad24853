"""Counts: is the sum of the last 1 to 16 minutes too large (errors, lines) or too small (requests)?"""

import math
from typing import Final

from diagnostics.detection.calibration import Calibration, weighed
from diagnostics.detection.expected import Expected
from diagnostics.detection.kept import Kept
from diagnostics.detection.learning import Learning
from diagnostics.detection.profile import DAY
from diagnostics.detection.recurrence import Recurrence
from diagnostics.detection.tails import deviance_root, surprise_of
from diagnostics.detection.windows import MASK, Ring

# Longer ones find little that these do not, late, and are wrong when the level itself has moved.
WINDOWS: Final = (1, 2, 3, 5, 8, 16)
# What surprise above the notable counts for, by window: a day has fewer long windows than short ones to be wrong in.
GAINS: Final = (0.95, 1.02, 1.1, 1.17, 1.22, 1.22)
CLUMPS: Final = 0.1  # events come a little in clumps: variance beyond Poisson in proportion to the mean
ONE_IN_TEN: Final = 1.64  # the square of 1.28 standard deviations
SPREAD_UP, SPREAD_DOWN = 1.0045, 0.9995  # in balance when one window in ten lies beyond
LEAST_SPREAD, FIRST_SPREAD, MOST_SPREAD = 1e-4, 0.05, 4.0
CUT: Final = 3.0  # deviations: more is learned as this
LEAST_MEAN: Final = 1e-9  # events: what rounding leaves of a window that expects nothing
WARM_UP: Final = 30  # minutes without an opinion
RISE, LEAST_EVENTS = 1.7, 5.0  # what matters: so many times the usual, and so many events
DROP: Final = 0.7  # what matters: less than this share of the usual


class CountScan(Kept):
    """Compares each window's sum with what was expected, under a negative binomial fitted to this series."""

    __slots__ = ("calibration", "deviation", "expected", "learning", "mean", "recurrence", "ring", "rising", "spreads")

    def __init__(self, *, rising: bool) -> None:
        self.rising = rising
        self.expected = Expected()
        self.ring = Ring()
        self.recurrence = Recurrence()
        self.calibration = Calibration()
        self.learning = Learning()
        self.spreads = [FIRST_SPREAD] * len(WINDOWS)
        self.mean = 0.0
        self.deviation = 0.0

    def update(self, minute: int, value: float, exposure: float) -> float:
        """Take a minute; the calibrated surprise."""
        minute_of_day = minute % DAY
        expected = self.expected
        mean = expected.forecast(minute_of_day, exposure)
        doubt = expected.doubt
        spread = self.spreads[0] + doubt
        self.mean = mean
        self.deviation = deviation = math.sqrt((1.0 + CLUMPS) * mean + spread * mean * mean)
        usual = mean + self.excuse(minute, value - mean, CUT * deviation)
        self.ring.push(value, usual)
        surprise = 0.0
        if expected.minutes >= WARM_UP:
            surprise = self.calibration.scale(self.scan(doubt))
        weight = self.learning.weigh(surprise)
        is_fast = self.learning.is_relearning
        if not is_fast:
            limit = CUT * deviation + 2.0
            value = mean + weight * min(max(value - usual, -limit), limit)
        expected.learn(minute_of_day, value, exposure, self.spreads[2], is_fast)
        if self.learning.is_over:
            self.learning.reset()
            self.ring.reset()
        return surprise

    def excuse(self, minute: int, off: float, notable: float) -> float:
        """By how much a spike that came back changes what is usual."""
        size = off if self.rising else -off
        if size < notable or size < 2.0:
            return 0.0
        due = min(1.5 * self.recurrence.take(minute, size), size)
        return due if self.rising else -due

    def scan(self, doubt: float) -> float:
        """The largest surprise of all windows; each window's spread learns from it too."""
        ring, spreads, rising = self.ring, self.spreads, self.rising
        seen, expected, place = ring.seen, ring.expected, ring.place
        seen_now, expected_now = seen[place], expected[place]
        largest = 0.0
        for index, length in enumerate(WINDOWS):
            if length > ring.length:
                break
            start = (place - length) & MASK
            total = seen_now - seen[start]
            mean = max(expected_now - expected[start], LEAST_MEAN)
            spread = spreads[index]
            off = (total - mean if rising else mean - total) - 0.5
            ratio = off * off / (mean * (1.0 + CLUMPS + (spread + doubt) * mean)) if off > 0.0 else 0.0
            if ratio > ONE_IN_TEN:
                spreads[index] = min(spread * SPREAD_UP, MOST_SPREAD)
                if ratio > 2.0 and self.matters(total, mean):
                    z = deviance_root(total - 0.5 if rising else total + 0.5, mean, spread + doubt + CLUMPS / mean)
                    if z > 1.5:
                        largest = max(largest, weighed(surprise_of(z), GAINS[index]))
            elif mean > 0.5:
                spreads[index] = max(spread * SPREAD_DOWN, LEAST_SPREAD)
        return largest

    def matters(self, total: float, mean: float) -> bool:
        """Large enough for a person to care."""
        return total >= LEAST_EVENTS and total > RISE * mean if self.rising else total < DROP * mean

    def skip(self, minutes: int) -> None:
        """Minutes of which nothing is known; after a long silence the old level counts for less."""
        self.ring.skip(minutes)
        if minutes > DAY // 2:
            self.expected.fade(max(0.02, 0.5 ** (minutes / DAY)))
            self.learning.reset()

    def fresh(self) -> bool:
        """Still without an opinion."""
        return self.expected.minutes < WARM_UP
