"""A rule's neighbours: the same rule, stricter and laxer, so that one sees what the limit is worth."""

from copy import copy
from dataclasses import dataclass
from typing import Final

from alerts.evaluation.explain import milliseconds, write_count
from alerts.evaluation.signals import QUANTILES
from alerts.models import AlertRule
from diagnostics.core.figures import percent

Condition = AlertRule.Condition

FACTORS: Final = (0.5, 0.75, 1.5, 2.0)
STEPS: Final = (-0.1, -0.05, 0.05, 0.1)  # of a baseline's score
FIGURES: Final = 2  # significant ones of a limit that is proposed


@dataclass(frozen=True, slots=True)
class Variant:
    """One neighbour. `label` is its limit in the rule's unit; `limit` what would be set."""

    rule: AlertRule
    limit: float
    label: str
    is_own: bool = False


def variants_of(rule: AlertRule) -> list[Variant]:
    """The rule itself first, then its neighbours from laxest to strictest limit."""
    own = limit_of(rule)
    limits = sorted({limit for limit in neighbours(rule, own) if is_possible(rule, limit) and limit != own})
    return [variant(rule, own, is_own=True), *(variant(rule, limit) for limit in limits)]


def limit_of(rule: AlertRule) -> float:
    """What is varied: minutes of silence, else the threshold."""
    return float(rule.window_minutes) if rule.condition == Condition.ABSENCE else float(rule.threshold)


def neighbours(rule: AlertRule, own: float) -> list[float]:
    """Around the rule's own limit."""
    if rule.condition == Condition.BASELINE:
        return [round(own + step, 2) for step in STEPS]
    if rule.condition == Condition.ABSENCE:
        return [float(round(own * factor)) for factor in FACTORS]
    return [figures(own * factor) for factor in FACTORS]


def is_possible(rule: AlertRule, limit: float) -> bool:
    """Whether the form would take it."""
    if rule.condition == Condition.BASELINE:
        return 0.3 <= limit < 1
    if rule.condition == Condition.ABSENCE:
        return 1 <= limit <= 1440
    if rule.condition == Condition.SHARE:
        return 0 < limit <= 1
    if rule.condition == Condition.CHANGE:
        return limit > 0 and (limit < 1) == (rule.threshold < 1) and limit != 1
    return limit > 0 and (rule.signal in QUANTILES or limit >= 1)


def variant(rule: AlertRule, limit: float, *, is_own: bool = False) -> Variant:
    """The rule with another limit; what it recovers at moves along."""
    other = copy(rule)
    if rule.condition == Condition.ABSENCE:
        other.window_minutes = int(limit)
    else:
        if rule.recover_threshold is not None and rule.threshold:
            other.recover_threshold = rule.recover_threshold * limit / rule.threshold
        other.threshold = limit
    return Variant(other, limit, write_limit(rule, limit), is_own)


def figures(value: float) -> float:
    """Rounded to what a person would choose."""
    return float(f"{value:.{FIGURES}g}")


def write_limit(rule: AlertRule, limit: float) -> str:
    """In the rule's unit."""
    if rule.condition == Condition.SHARE:
        return percent(limit)
    if rule.condition == Condition.ABSENCE:
        return f"{limit:g} min"
    if rule.condition == Condition.CHANGE:
        return f"{limit:g} times"
    if rule.condition == Condition.BASELINE:
        return f"score {limit:g}"
    return milliseconds(limit) if rule.signal in QUANTILES else write_count(limit)
