"""A proposal before it is written down."""

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

from alerts.evaluation.samples import DAY

DAYS: Final = 7  # that are looked at
WEEK: Final = DAYS * DAY  # in minutes
MOST_A_WEEK: Final = 1  # incidents that a limit which is proposed would have opened


@dataclass(slots=True)
class Found:
    """What would be changed, why, and how much it is worth: incidents a week that nobody would have to look at."""

    kind: str
    about: str  # with the kind, what makes it the same proposal tomorrow
    change: dict[str, Any]
    evidence: dict[str, Any]
    weight: float = 0.0
    service_name: str = ""
    rule_id: int | None = None

    @property
    def fingerprint(self) -> str:
        """Stable, of bounded length, whatever the names hold."""
        return hashlib.sha256("\0".join((self.kind, self.about, self.service_name)).encode()).hexdigest()


@dataclass(slots=True)
class Numbers:
    """What a trial of one rule found, as the evidence keeps it."""

    count: int
    firings: list[list[Any]] = field(default_factory=list)  # [first minute, last or None, peak]
