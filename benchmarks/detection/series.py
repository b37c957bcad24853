"""A labelled series: fourteen days of minutes, what a detector is shown, and where the incidents are."""

from dataclasses import dataclass, field
from typing import Final

DAY: Final = 1440
DAYS: Final = 14
MINUTES: Final = DAYS * DAY
START: Final = 1_767_571_200  # Monday 2026-01-05 00:00 UTC
WARM_UP: Final = DAY  # the first day is not judged


@dataclass(frozen=True, slots=True)
class Incident:
    """Minutes [start, end)."""

    start: int
    end: int
    shape: str = ""
    factor: float = 0.0
    plain_after: int | None = None  # minutes until somebody who knew both levels and the start could have been sure


@dataclass(slots=True)
class Series:
    """Values by minute; None is a minute that the detector is told nothing about, NaN one it is told is unknown."""

    name: str
    family: str
    kind: str
    values: list[float | None]
    exposures: list[float] | None = None
    incidents: list[Incident] = field(default_factory=list)
    ignored: list[Incident] = field(default_factory=list)  # where an alarm is neither right nor wrong

    @property
    def judged_days(self) -> float:
        """Days that are judged."""
        return (len(self.values) - WARM_UP) / DAY
