"""Surprise in this series' own terms: one that often surprises must surprise more."""

from typing import Final

from diagnostics.detection.kept import Kept

NOTABLE: Final = 2.0  # -log10: one in a hundred
NOMINAL: Final = 1.3  # height above NOTABLE that 85% of the bumps keep below where the noise model holds
SHARE: Final = 0.85
STEP: Final = 0.08
LOWEST, HIGHEST = 0.6, 8.0


class Calibration(Kept):
    """Tracks the 85% quantile of the height of bumps: runs of notable surprise, each counted once, at its peak."""

    __slots__ = ("height", "peak")

    def __init__(self) -> None:
        self.height = NOMINAL
        self.peak = 0.0

    def scale(self, surprise: float) -> float:
        """The calibrated surprise."""
        if surprise > NOTABLE:
            self.peak = max(self.peak, surprise)
            return NOTABLE + (surprise - NOTABLE) * NOMINAL / max(self.height, NOMINAL)
        if self.peak:
            up = self.peak - NOTABLE > self.height
            self.height *= 1.0 + STEP * SHARE if up else 1.0 - STEP * (1.0 - SHARE)
            self.height = min(max(self.height, LOWEST), HIGHEST)
            self.peak = 0.0
        return surprise


def weighed(surprise: float, gain: float) -> float:
    """What is notable counts this much more."""
    return NOTABLE + (surprise - NOTABLE) * gain if surprise > NOTABLE else surprise
