"""The expected count of a minute: exposure x rate, with the shape of the day where that helps."""

from typing import Final

from diagnostics.detection.kept import Kept
from diagnostics.detection.profile import Profile
from diagnostics.detection.rate import PRIOR, Rate

BLOCK: Final = 5  # minutes over which the two forecasts are compared
LOSS_PACE: Final = 1 / 150
LARGEST_LOSS: Final = 9.0
DAILY_PACE: Final = 1 / 1440
SLOT_NOISE: Final = 4.0  # events that a slot of the profile must expect to count half


class Expected(Kept):
    """Two forecasts, one from the last half hour and one that also knows the hour; the better one of late is used."""

    __slots__ = (
        "block_flat",
        "block_level",
        "block_seen",
        "day_events",
        "day_exposure",
        "flat",
        "flat_loss",
        "flat_now",
        "level",
        "level_loss",
        "level_now",
        "minutes",
        "profile",
        "shape",
        "uses_profile",
    )  # fmt: skip

    def __init__(self) -> None:
        self.flat = Rate()
        self.level = Rate()
        self.profile = Profile(1.0)
        self.day_events = self.day_exposure = 0.0
        self.flat_loss = self.level_loss = 1.0
        self.minutes = 0
        self.block_seen = self.block_flat = self.block_level = 0.0
        self.flat_now = self.level_now = 0.0
        self.shape = 1.0
        self.uses_profile = False

    def forecast(self, minute_of_day: int, exposure: float) -> float:
        """Events to expect in this minute."""
        if self.minutes == 0:
            return 0.0
        self.shape = shape = max(self.profile.at(minute_of_day), 0.01)
        flat, level = self.flat, self.level
        self.flat_now = exposure * (flat.events + PRIOR) / flat.exposure
        self.level_now = exposure * shape * (level.events + PRIOR) / level.exposure
        return self.level_now if self.uses_profile else self.flat_now

    @property
    def doubt(self) -> float:
        """Relative variance of the rate itself: few events, or a short history."""
        return max(1.0 / (self.flat.events + PRIOR), 8.0 / (self.minutes + 1.0))

    def learn(self, minute_of_day: int, seen: float, exposure: float, spread: float, is_fast: bool) -> None:
        """Add a minute, outliers already cut."""
        self.minutes += 1
        self.flat.learn(seen, exposure, self.flat_now, is_fast)
        self.level.learn(seen, exposure * self.shape, self.level_now, is_fast)
        self.day_events += seen - DAILY_PACE * self.day_events
        self.day_exposure += exposure - DAILY_PACE * self.day_exposure
        usual = exposure * (self.day_events + PRIOR) / self.day_exposure
        self.profile.learn(minute_of_day, seen, usual, SLOT_NOISE)
        self.block_seen += seen
        self.block_flat += self.flat_now
        self.block_level += self.level_now
        if self.minutes % BLOCK == 0:
            self.compare(spread)

    def compare(self, spread: float) -> None:
        """Which forecast came closer over the block."""
        if self.profile.is_known:
            self.flat_loss += LOSS_PACE * (loss(self.block_seen, self.block_flat, spread) - self.flat_loss)
            self.level_loss += LOSS_PACE * (loss(self.block_seen, self.block_level, spread) - self.level_loss)
            self.uses_profile = self.level_loss < self.flat_loss
        self.block_seen = self.block_flat = self.block_level = 0.0

    def fade(self, share: float) -> None:
        """After a silence: the old level counts for less."""
        for rate in (self.flat, self.level):
            rate.events *= share
            rate.exposure *= share


def loss(seen: float, expected: float, spread: float) -> float:
    """Squared error in units of the variance, cut."""
    variance = 1.1 * expected + spread * expected * expected
    return min((seen - expected) ** 2 / (variance + 0.01), LARGEST_LOSS)
