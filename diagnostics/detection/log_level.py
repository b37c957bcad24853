"""The expected logarithm of a latency: the last half hour, with the shape of the day where that helps."""

from typing import Final

from diagnostics.detection.expected import BLOCK, LOSS_PACE
from diagnostics.detection.kept import Kept
from diagnostics.detection.profile import Profile
from diagnostics.detection.rate import FASTEST, RELEARN

DAILY_PACE: Final = 1 / 1440
LARGEST_LOSS: Final = 3.0  # of a block's mean error, in scales
SLOT_NOISE: Final = 4.0  # minutes that a slot of the profile must have to count half


class LogLevel(Kept):
    """Two forecasts, as for counts, but added instead of multiplied."""

    __slots__ = (
        "block_flat",
        "block_level",
        "day",
        "flat",
        "flat_loss",
        "level",
        "level_loss",
        "minutes",
        "profile",
        "shape",
        "uses_profile",
    )  # fmt: skip

    def __init__(self) -> None:
        self.flat = self.level = self.day = 0.0
        self.profile = Profile(0.0)
        self.flat_loss = self.level_loss = 1.0
        self.minutes = 0
        self.block_flat = self.block_level = 0.0
        self.shape = 0.0
        self.uses_profile = False

    def forecast(self, minute_of_day: int) -> float:
        """The logarithm to expect in this minute."""
        self.shape = self.profile.at(minute_of_day)
        return self.level + self.shape if self.uses_profile else self.flat

    def learn(self, minute_of_day: int, value: float, scale: float, is_fast: bool) -> None:
        """Add a minute, outliers already cut."""
        self.minutes += 1
        pace = max(RELEARN if is_fast else FASTEST, 1.0 / self.minutes)
        flat_error = value - self.flat
        level_error = value - self.shape - self.level
        self.flat += pace * flat_error
        self.level += pace * level_error
        self.day += max(DAILY_PACE, 1.0 / self.minutes) * (value - self.day)
        self.profile.learn(minute_of_day, value - self.day, 1.0, SLOT_NOISE)
        self.block_flat += flat_error
        self.block_level += level_error
        if self.minutes % BLOCK == 0:
            self.compare(BLOCK * scale)

    def compare(self, scale: float) -> None:
        """Which forecast came closer over the block."""
        if self.profile.is_known:
            self.flat_loss += LOSS_PACE * (min(abs(self.block_flat) / scale, LARGEST_LOSS) - self.flat_loss)
            self.level_loss += LOSS_PACE * (min(abs(self.block_level) / scale, LARGEST_LOSS) - self.level_loss)
            self.uses_profile = self.level_loss < self.flat_loss
        self.block_flat = self.block_level = 0.0
