"""What a service usually shows in a rule's window: the middle and the high end of its week, robust against the worst hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from alerts.evaluation.samples import measure
from alerts.evaluation.series import Series
from alerts.evaluation.signals import QUANTILES, column_of
from alerts.evaluation.stretch import Lane, Stretch
from alerts.models import AlertRule
from alerts.suggestions.week import Week
from diagnostics.detection.sample import Sample

Condition = AlertRule.Condition

HIGH: Final = 0.99  # of the windows lie below what is called the high end
LOW_TRAFFIC: Final = 0.1  # of the windows hold fewer events than the floor that is proposed
LEAST_WINDOWS: Final = 1_000  # that say anything; of fewer no limit is proposed
HOUR: Final = 60


@dataclass(frozen=True, slots=True)
class Usual:
    """Of windows with enough in them."""

    windows: int
    median: float
    high: float
    peak: float
    floor: int  # events (for a share: what it is taken of) that nine windows of ten hold
    hours: list[float | None]  # highest value of each hour, for the chart


def lane_of(week: Week) -> Lane | None:
    """The service's sums."""
    stretch = Stretch([AlertRule.GroupBy.SERVICE])
    for minute in sorted(week.rows):
        stretch.put(week.rows[minute])
    return stretch.lanes[AlertRule.GroupBy.SERVICE].get(Series(week.service_name))


def find_usual(rule: AlertRule, week: Week, lane: Lane, least: int, most: int) -> Usual | None:
    """What is usual for the rule's signal, with a floor within [least, most]; None where there is too little to say."""
    ends = range(week.since + rule.window_minutes, week.until + 1)
    seen = [(end, measure(lane, column_of(rule), end - rule.window_minutes, end)) for end in ends]
    known = [(end, sample) for end, sample in seen if sample.has_data and weight_of(rule, sample)]
    if len(known) < LEAST_WINDOWS:
        return None
    floor = min(max(int(quantile_of([weight_of(rule, sample) for _, sample in known], LOW_TRAFFIC)), least), most)
    values = {end: value_of(rule, sample) for end, sample in known if weight_of(rule, sample) >= floor}
    if len(values) < LEAST_WINDOWS:
        return None
    ordered = list(values.values())
    median, high = quantile_of(ordered, 0.5), quantile_of(ordered, HIGH)
    return Usual(len(ordered), median, high, max(ordered), floor, by_hour(values, week))


def weight_of(rule: AlertRule, sample: Sample) -> int:
    """How much a window holds to be judged by."""
    if rule.condition == Condition.SHARE:
        return sample.base
    return sample.count if rule.signal in QUANTILES else 1  # no errors at all is an answer, too


def value_of(rule: AlertRule, sample: Sample) -> float:
    """What the limit is compared with."""
    return sample.count / sample.base if rule.condition == Condition.SHARE else sample.value


def quantile_of(values: Sequence[float], q: float) -> float:
    """The value below which a part `q` of the values lies."""
    ordered = sorted(values)
    return float(ordered[min(int(q * len(ordered)), len(ordered) - 1)])


def by_hour(values: dict[int, float], week: Week) -> list[float | None]:
    """The highest of each hour."""
    hours: list[float | None] = [None] * -(-(week.until - week.since) // HOUR)
    for end, value in values.items():
        number = (end - 1 - week.since) // HOUR
        hours[number] = max(hours[number] or 0.0, round(value, 5))
    return hours
