"""The time of a series: one point a minute, and what to do with points that come late, twice, or after a silence."""

from datetime import UTC, datetime
from typing import Final

from diagnostics.detection.kept import Kept

MINUTE: Final = 60.0
TOO_EARLY: Final = 30.0  # seconds: a point this close behind the last one is the same minute again
NEW_CLOCK: Final = 3  # so many points in a row from the past, one after another: the clock was set back


def seconds_of(timestamp: float | datetime) -> float:
    """Unix seconds; a date without a zone is UTC."""
    if isinstance(timestamp, datetime):
        return (timestamp if timestamp.tzinfo else timestamp.replace(tzinfo=UTC)).timestamp()
    return float(timestamp)


class Timeline(Kept):
    """Where a series is. Elapsed time counts, not the number on the clock: jitter of seconds loses no minute."""

    __slots__ = ("last", "past", "refused", "started")

    def __init__(self) -> None:
        self.last = 0.0
        self.past = 0.0
        self.refused = 0
        self.started = False

    def advance(self, seconds: float) -> int:
        """Minutes since the last accepted point: 1 as a rule, more after a gap, 0 when the point is refused."""
        if not self.started:
            self.started = True
            self.last = seconds
            return 1
        elapsed = seconds - self.last
        if elapsed >= TOO_EARLY:
            self.last = seconds
            self.refused = 0
            return int(elapsed / MINUTE + 0.5)
        return self.step_back(seconds, elapsed)

    def step_back(self, seconds: float, elapsed: float) -> int:
        """A late or doubled point is refused; a clock that was set back is believed after a few points."""
        if elapsed > -TOO_EARLY:
            return 0
        self.refused = self.refused + 1 if self.refused and seconds - self.past >= TOO_EARLY else 1
        self.past = seconds
        if self.refused < NEW_CLOCK:
            return 0
        self.last = seconds
        self.refused = 0
        return 1
