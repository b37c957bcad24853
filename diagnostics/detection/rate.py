"""A rate that forgets: events over exposure, over the last half hour or the last 30 events, whichever is longer."""

from typing import Final

from diagnostics.detection.kept import Kept

LN2: Final = 0.6931
FASTEST: Final = LN2 / 30  # a half-life of 30 minutes
SLOWEST: Final = LN2 / (3 * 1440)
PER_EVENT: Final = LN2 / 30
RELEARN: Final = LN2 / 20
PRIOR: Final = 0.5  # events: what was never seen may still come


class Rate(Kept):
    """Events and exposure, both forgotten at the same pace."""

    __slots__ = ("events", "exposure")

    def __init__(self) -> None:
        self.events = 0.0
        self.exposure = 0.0

    def learn(self, events: float, exposure: float, expected: float, is_fast: bool) -> None:
        """Add a minute of which `expected` events were expected."""
        pace = RELEARN if is_fast else min(max(expected * PER_EVENT, SLOWEST), FASTEST)
        keep = 1.0 - pace
        self.events = self.events * keep + events
        self.exposure = self.exposure * keep + exposure
