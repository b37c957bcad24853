"""The signal of an incident up to now, for the small chart in a message. Read from minute sums, never from records."""

from datetime import timedelta
from typing import Final

from alerts.evaluation.signals import QUANTILES, base_of
from alerts.incidents.counted import is_counted_apart, read_counted
from alerts.models import AlertRule, Incident
from diagnostics.core import clock
from diagnostics.search.golden import Sums, read_golden

BEFORE: Final = timedelta(minutes=45)
LONGEST: Final = timedelta(hours=6)


def read_trend(incident: Incident) -> tuple[float | None, ...]:
    """Values in equal steps from before the incident until now or its end; empty when its signal is not in the sums."""
    rule = incident.rule
    if rule is None:
        return ()
    until = (incident.resolved_at or clock.now()) + timedelta(minutes=1)
    since = max(incident.started_at - BEFORE, until - LONGEST)
    golden = read_golden(incident.environment, since, until, incident.service_name, incident.http_route)
    values: tuple[float | None, ...] = (
        tuple(read_counted(incident, rule, golden.times, golden.step))
        if is_counted_apart(rule)
        else tuple(signal_in(rule, sums) for sums in golden.steps)
    )
    return values if any(values) else ()


def signal_in(rule: AlertRule, sums: Sums) -> float | None:
    """The rule's signal in one step."""
    if rule.signal in QUANTILES:
        return sums.latency_at(QUANTILES[rule.signal])
    number = sums.counts.get(rule.signal)
    if number is not None and rule.signal == AlertRule.Signal.WARNINGS:
        number += sums.counts["errors"]
    if number is None or rule.condition != AlertRule.Condition.SHARE:
        return None if number is None else float(number)
    base = sums.counts[base_of(rule.signal)]
    return number / base if base else None
