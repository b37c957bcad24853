"""How journeys end: said at reading, from what was stored and what the operator calls a good end. Where nothing is called
one, nothing is claimed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from django.db.models import Q

from diagnostics.core import clock
from diagnostics.models import Environment, PrivacyPolicy
from sessions_app.models import Journey


class Outcome(StrEnum):
    """Each journey has one of them; a good end goes before everything that went wrong on the way."""

    COMPLETED = "completed"
    FAILED = "failed"
    ABANDONED = "abandoned"
    OPEN = "under way"


@dataclass(frozen=True, slots=True)
class Aims:
    """What the environment says of its journeys: whether there is a good end, and since when a quiet one is abandoned."""

    are_known: bool
    quiet_since: datetime
    minutes: int = 0
    attribute: str = ""

    @classmethod
    def of(cls, environment: Environment) -> Self:
        """As its policy says."""
        row = PrivacyPolicy.objects.filter(environment=environment).first() or PrivacyPolicy()
        return cls(
            any(line.strip() and not line.strip().startswith("#") for line in row.journey_ends.splitlines()),
            clock.now() - timedelta(minutes=row.journey_minutes),
            row.journey_minutes,
            row.journey.strip(),
        )

    def outcome_of(self, journey: Journey) -> str:
        """Of one; empty where no good end is known."""
        if not self.are_known:
            return ""
        if journey.completed_at is not None:
            return Outcome.COMPLETED
        if journey.failed:
            return Outcome.FAILED
        return Outcome.ABANDONED if journey.last_seen_at < self.quiet_since else Outcome.OPEN

    def condition_of(self, outcome: str) -> Q:
        """The same for a query set."""
        open_ones = Q(completed_at=None, failed=False)
        conditions = {
            Outcome.COMPLETED: Q(completed_at__isnull=False),
            Outcome.FAILED: Q(completed_at=None, failed=True),
            Outcome.ABANDONED: open_ones & Q(last_seen_at__lt=self.quiet_since),
            Outcome.OPEN: open_ones & Q(last_seen_at__gte=self.quiet_since),
        }
        return conditions[Outcome(outcome)]
