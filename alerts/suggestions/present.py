"""What the environment's rules do already about a signal of a service."""

from copy import copy
from dataclasses import dataclass, field
from typing import Any, Final

from alerts.backtest.replay import Tally
from alerts.backtest.variants import limit_of, write_limit
from alerts.evaluation.describe import describe_rule
from alerts.models import AlertRule
from alerts.suggestions.trial import try_rule
from alerts.suggestions.week import LONGEST, Week

Condition = AlertRule.Condition
GroupBy = AlertRule.GroupBy

# Rules that find their own limit, and those that look closer than a service, leave nothing to be found between.
ADAPTIVE: Final = (Condition.BASELINE, Condition.CHANGE)
FIXED: Final = (Condition.THRESHOLD, Condition.SHARE)
CLOSER: Final = (GroupBy.ROUTE, GroupBy.RELEASE)


@dataclass(slots=True)
class Tried:
    """A rule of the environment, and what it would have done about this service."""

    rule: AlertRule
    tally: Tally

    @property
    def count(self) -> int:
        """Incidents of the week."""
        return self.tally.count

    def tell(self, *, is_replaced: bool) -> dict[str, Any]:
        """For the evidence."""
        return {
            "rule": self.rule.pk,
            "name": self.rule.name,
            "sentence": describe_rule(self.rule),
            "limit": write_limit(self.rule, limit_of(self.rule)),
            "count": self.count,
            "replaced": is_replaced,
        }


@dataclass(slots=True)
class Present:
    """All of them."""

    tried: list[Tried] = field(default_factory=list)
    is_watched_closer: bool = False
    has_own: bool = False  # a rule of this service alone

    @property
    def noisiest(self) -> Tried | None:
        """The one that would have opened the most incidents."""
        return max(self.tried, key=lambda one: one.count, default=None)


def look_at_present(rules: list[AlertRule], signal: str, week: Week) -> Present:
    """Enabled rules that look at the signal of the service; those that look at services are tried on its week."""
    found = Present()
    for rule in rules:
        if rule.signal != signal or rule.leaves_out(week.service_name) or rule.condition == Condition.BELOW:
            continue
        found.has_own |= bool(rule.service_name)
        found.is_watched_closer |= rule.condition in ADAPTIVE or rule.group_by in CLOSER
        if is_tried(rule):
            found.tried.append(Tried(rule, try_rule(of_service(rule, week.service_name), week)))
    return found


def is_tried(rule: AlertRule) -> bool:
    """Whether a service's sums are all that the rule needs."""
    return (
        rule.group_by == GroupBy.SERVICE
        and rule.condition in (*FIXED, Condition.BASELINE)
        and rule.window_minutes <= LONGEST
    )


def of_service(rule: AlertRule, service_name: str) -> AlertRule:
    """The rule as far as this service goes."""
    other = copy(rule)
    other.service_name, other.except_services = service_name, ""
    return other
