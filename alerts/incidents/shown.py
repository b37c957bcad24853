"""The signal of an incident step by step, for the chart on its page and the small one in messages."""

from alerts.evaluation.signals import QUANTILES, base_of
from alerts.incidents.counted import is_counted_apart, read_counted
from alerts.models import AlertRule, Incident
from diagnostics.search.golden import Golden, Sums

Condition = AlertRule.Condition


def read_signal(incident: Incident, rule: AlertRule, golden: Golden) -> list[float | None]:
    """Values in the steps of `golden`; None where nothing can be said."""
    if is_counted_apart(rule):
        return list(read_counted(incident, rule, golden.times, golden.step))
    return [signal_in(rule, sums) for sums in golden.steps]


def signal_in(rule: AlertRule, sums: Sums) -> float | None:
    """The rule's signal in one step. An error that is seen for the first time has no sums of its own: it is shown among
    the errors."""
    if rule.signal in QUANTILES:
        return sums.latency_at(QUANTILES[rule.signal])
    count = sums.counts.get("errors" if rule.condition == Condition.FIRST_SEEN else rule.signal)
    if count is None:
        return None
    if rule.signal == AlertRule.Signal.WARNINGS:
        count += sums.counts["errors"]
    if rule.condition != Condition.SHARE:
        return float(count)
    base = sums.counts[base_of(rule.signal)]
    return count / base if base else None
