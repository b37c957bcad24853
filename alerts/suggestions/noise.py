"""How much each rule told in the last week, and what people did with it. From incidents and the ledger, nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final

from django.db.models import Count

from alerts.evaluation.history import moment_of, number_of
from alerts.models import AlertRule, Incident, Notification
from alerts.suggestions.found import DAYS, WEEK
from diagnostics.core import clock
from diagnostics.models import Environment

SOON: Final = timedelta(minutes=10)  # over by itself within
MOST_READ: Final = 2_000  # incidents of one rule
MOST_SERVICES: Final = 5
HOUR: Final = 60


@dataclass(slots=True)
class Noise:
    """A rule's week."""

    rule: AlertRule
    since: int
    incidents: list[Incident]

    @property
    def count(self) -> int:
        """Incidents."""
        return len(self.incidents)

    @property
    def unacknowledged(self) -> int:
        """That nobody took on."""
        return sum(each.acknowledged_at is None for each in self.incidents)

    @property
    def over_soon(self) -> int:
        """That ended by themselves within minutes."""
        return sum(
            each.is_recovered and each.resolved_at is not None and each.resolved_at - each.started_at <= SOON
            for each in self.incidents
        )

    def tell(self) -> dict[str, Any]:
        """For the evidence."""
        lengths = [((each.resolved_at or clock.now()) - each.started_at).total_seconds() for each in self.incidents]
        return {
            "days": DAYS,
            "since": self.since,
            "until": self.since + WEEK,
            "incidents": self.count,
            "unacknowledged": self.unacknowledged,
            "over_soon": self.over_soon,
            "soon": SOON // timedelta(minutes=1),
            "sent": self.sent(),
            "median_seconds": int(median(lengths)) if lengths else 0,
            "flapping": sum(bool(each.reopened or each.flapping_since) for each in self.incidents),
            "services": self.services(),
            "hours": self.hours(),
        }

    def sent(self) -> int:
        """Messages that went out about them."""
        own = [each.pk for each in self.incidents]
        return Notification.objects.filter(incident__in=own, state=Notification.State.SENT).count()

    def services(self) -> list[list[Any]]:
        """The noisiest."""
        counts: dict[str, int] = {}
        for each in self.incidents:
            counts[each.service_name] = counts.get(each.service_name, 0) + 1
        return [[name, count] for name, count in sorted(counts.items(), key=lambda item: -item[1])[:MOST_SERVICES]]

    def hours(self) -> list[int]:
        """Incidents that opened in each hour."""
        hours = [0] * -(-WEEK // HOUR)
        for each in self.incidents:
            hours[min((number_of(each.opened_at) - self.since) // HOUR, len(hours) - 1)] += 1
        return hours


def noisiest_rules(environment: Environment, least: int, most: int, now: datetime) -> list[Noise]:
    """Enabled rules with at least so many incidents, the noisiest first."""
    since = number_of(now) - WEEK
    own = Incident.objects.filter(
        environment=environment, kind=Incident.Kind.ALERT, opened_at__gte=moment_of(since), rule__enabled=True
    )
    ranked = (
        own.order_by().values("rule").annotate(number=Count("pk")).filter(number__gte=least).order_by("-number", "rule")
    )
    wanted = [row["rule"] for row in ranked[:most]]
    rules = AlertRule.objects.select_related("environment").in_bulk(wanted)
    return [Noise(rules[pk], since, list(own.filter(rule=pk).order_by("-opened_at")[:MOST_READ])) for pk in wanted]
