"""The novelty detector: for gauges of unknown nature, is this value, its level, or the way it moves new to the series?"""

import math
from datetime import datetime
from typing import Final, Self

from diagnostics.detection.history import History
from diagnostics.detection.kept import Kept
from diagnostics.detection.movement import Movement
from diagnostics.detection.nearest import Nearest
from diagnostics.detection.stored import pack, unpack
from diagnostics.detection.timeline import Timeline, seconds_of

VERSION: Final = 1
CODE: Final = 100  # tells its state from those of the baseline detector
ALARM_LEVEL: Final = 1.2
LEVEL_WEIGHT, MOVEMENT_WEIGHT = 0.7, 0.5  # beside 1 for the value itself
ALL_WEIGHTS: Final = 1.0 + LEVEL_WEIGHT + MOVEMENT_WEIGHT
GROWTH: Final = 0.4  # decades of surprise that each decade of history asks for
NOTABLE: Final = 0.6
REST: Final = 110  # points after a notable one in which only a greater surprise counts in full
RESTING: Final = 0.5
WARM_UP: Final = 30  # points without an opinion
LARGEST_VALUE: Final = 1e100  # beyond it differences would overflow


class NoveltyDetector(Kept):
    """A gauge, point by point, at any steady pace. No look-ahead, no settings, at most 8 KiB of state."""

    THRESHOLD: Final = 0.5
    __slots__ = ("bar", "gaps", "level_gaps", "levels", "movement", "score", "since", "timeline", "values")

    def __init__(self) -> None:
        self.timeline = Timeline()
        self.values = Nearest()
        self.gaps = History()
        self.levels = Nearest()
        self.level_gaps = History()
        self.movement = Movement()
        self.bar = 0.0
        self.since = REST
        self.score = 0.0

    def update(self, timestamp: float | datetime, value: float | None) -> float:
        """Take the next point and return its score in [0, 1]; from THRESHOLD on it is an alarm.

        Unknown values (None, NaN) score 0; a point from the past changes nothing and returns the score that stands.
        """
        seconds = seconds_of(timestamp)
        if not math.isfinite(seconds) or not self.timeline.advance(seconds):
            return self.score
        self.score = 0.0
        if value is None or not math.isfinite(value):
            return 0.0
        surprise = self.judge(seconds, min(max(float(value), -LARGEST_VALUE), LARGEST_VALUE))
        self.since += 1
        if surprise > NOTABLE and (self.since >= REST or surprise > self.bar):
            self.bar = surprise
            self.since = 0
        else:
            surprise = max(surprise * RESTING, 0.0)
        self.score = surprise / (surprise + ALARM_LEVEL)
        return self.score

    def judge(self, seconds: float, value: float) -> float:
        """The surprise, in decades; the longer the history, the more is asked for."""
        is_settled = self.movement.count >= WARM_UP
        first_move = 1.0 if is_settled else 0.0
        novel = self.gaps.rarity(self.values.distance(value, first_move))
        moved = self.movement.rarity(seconds, value)
        level = self.level_gaps.rarity(self.levels.distance(self.movement.fast, first_move))
        if not is_settled:
            return 0.0
        mean = (novel + LEVEL_WEIGHT * level + MOVEMENT_WEIGHT * moved) / ALL_WEIGHTS
        return mean - GROWTH * math.log10(self.movement.count / 1000.0)

    def to_state(self) -> bytes:
        """All that the detector knows, to go on later as if nothing had been."""
        return pack(VERSION, CODE, self)

    @classmethod
    def from_state(cls, state: bytes) -> Self:
        """The detector that `to_state` kept; StateError when the bytes are something else."""
        detector = cls()
        unpack(state, VERSION, CODE, detector)
        return detector
