"""Samples of a rule's series at a moment. Pure over a stretch; what several rules ask for is worked out once."""

from dataclasses import dataclass
from statistics import median
from typing import Final

from alerts.evaluation.baselines import Scores
from alerts.evaluation.judge import ABSENCE, BASELINE, BELOW, CHANGE
from alerts.evaluation.series import OF_TEMPLATES, TEMPLATE, Series, grouping_of
from alerts.evaluation.signals import OF_REQUESTS, QUANTILES, base_of, column_of
from alerts.evaluation.stretch import Lane, Stretch
from alerts.evaluation.templates import NO_TEMPLATES, Templates
from alerts.models import AlertRule
from diagnostics.core.histogram import quantile
from diagnostics.detection.sample import Sample

Compare = AlertRule.Compare

USUAL_MINUTES: Final = 120  # what is usual is read from this time before the window; longer for a longer one
WINDOWS: Final = 24  # earlier windows at most
Look = tuple[str, str, int, int]  # (grouping, column, since, until): what rules may have in common
EVERY_SERVICE: Final = ("", "")
LATELY: Final = 15  # minutes: a rule whose services are silent for less is not called one without data
DAY: Final = 1440
BACK: Final = {Compare.YESTERDAY.value: DAY, Compare.LAST_WEEK.value: 7 * DAY}
OF_TRAFFIC: Final = AlertRule.Signal.REQUESTS.value  # whose baseline looks for too few
# Conditions that a minute which is still running would mislead: it is not over, so it always looks like too little.
OF_WHOLE_MINUTES: Final = frozenset({BELOW})


@dataclass(frozen=True, slots=True)
class Past:
    """The same environment at an earlier time: as many minutes back."""

    back: int
    stretch: Stretch


class Instant:
    """One moment of an environment. `end` is the minute after the last one looked at, `whole_end` the one after the
    last that is over."""

    def __init__(
        self,
        stretch: Stretch,
        end: int,
        whole_end: int,
        pasts: dict[str, Past] | None = None,
        templates: Templates = NO_TEMPLATES,
    ) -> None:
        self.templates = templates  # message patterns that rules watch, where any does
        self.scores: Scores = {}  # of baselines, where rules look at any
        self.resumed: int | None = None  # the first whole minute since the product was down
        self.stretch = stretch
        self.end = end
        self.whole_end = whole_end
        self.pasts = pasts or {}
        self.kept: dict[Look, dict[Series, Sample]] = {}
        self.wanted: dict[tuple[Look, str, str], dict[Series, Sample]] = {}  # of rules that look at some services alone

    def at(self, end: int) -> "Instant":
        """The same minutes, seen from another moment."""
        return Instant(self.stretch, end, end, self.pasts, self.templates)

    def wants(self, rule: AlertRule, series: Series) -> bool:
        """Whether the rule looks at a series of its grouping."""
        if rule.leaves_out(series.service_name):
            return False
        return rule.signal != OF_TEMPLATES or self.templates.wants(rule, series)

    def holds(self, rule: AlertRule) -> bool:
        """Whether it looks for too little in a window in which the product was down: senders may still hold what is
        missing."""
        return self.resumed is not None and self.window(rule)[0] < self.resumed and finds_too_little(rule)

    def window(self, rule: AlertRule) -> tuple[int, int]:
        """The rule's minutes, [since, until). Silence lasts for whole ones, but the first sign of life in the running one
        ends it."""
        condition = rule.condition
        is_fall = condition == CHANGE and rule.threshold < 1
        end = self.whole_end if is_fall or condition in OF_WHOLE_MINUTES else self.end
        return (self.whole_end if condition == ABSENCE else end) - rule.window_minutes, end

    def samples(self, rule: AlertRule) -> dict[Series, Sample]:
        """Each series of the rule that was heard of in the window or before it."""
        look = (grouping_of(rule), column_of(rule), *self.window(rule))
        if look[0] == TEMPLATE:
            return {series: sample for series, sample in self.measured(look).items() if self.wants(rule, series)}
        some = rule.service_name, rule.except_services
        if some == EVERY_SERVICE:
            return self.measured(look)
        found = self.wanted.get((look, *some))
        if found is None:
            found = self.wanted[look, *some] = {
                series: sample for series, sample in self.measured(look).items() if self.wants(rule, series)
            }
        return found

    def measured(self, look: Look) -> dict[Series, Sample]:
        """Each series of a grouping."""
        found = self.kept.get(look)
        if found is None:
            grouping, column, since, until = look
            lanes = self.stretch.lanes[grouping]
            found = self.kept[look] = {series: measure(lane, column, since, until) for series, lane in lanes.items()}
        return found

    def has_data(self, rule: AlertRule) -> bool:
        """Whether anything was heard of what the rule looks at, in its window or lately."""
        since = min(self.end - rule.window_minutes, self.end - LATELY)
        # A pattern that does not come is no lack of data while its service speaks.
        grouping = grouping_of(rule)
        lanes = self.stretch.lanes[AlertRule.GroupBy.SERVICE if grouping == TEMPLATE else grouping]
        return any(
            lane.was_seen(since, self.end)
            for series, lane in lanes.items()
            if not series.service_name or not rule.leaves_out(series.service_name)
        )

    def usual(self, rule: AlertRule, series: Series) -> float | None:
        """What the series showed at the time that the rule compares with; None where that is not known."""
        (_, end), length = self.window(rule), rule.window_minutes
        past = self.pasts.get(rule.compare_to)
        if past is not None:
            if past.stretch.oldest is None or past.stretch.oldest > end - past.back - length:
                return None
            return value_between(past.stretch, rule, series, end - past.back - length, end - past.back)
        if self.stretch.oldest is None:
            return None
        most = 1 if rule.compare_to == Compare.PREVIOUS else WINDOWS
        starts = [end - length * (number + 2) for number in range(min(max(USUAL_MINUTES, length) // length, most))]
        known = [start for start in starts if start >= self.stretch.oldest]
        values = [value_between(self.stretch, rule, series, start, start + length) for start in known]
        return median(values) if values else None


def finds_too_little(rule: AlertRule) -> bool:
    """Whether records that are missing make it fire."""
    if rule.condition == CHANGE:
        return rule.threshold < 1
    return rule.condition in (BELOW, ABSENCE) or (rule.condition == BASELINE and rule.signal == OF_TRAFFIC)


def value_between(stretch: Stretch, rule: AlertRule, series: Series, since: int, until: int) -> float:
    """The signal's value in a window; 0 for a series that was not there."""
    lane = stretch.lanes[grouping_of(rule)].get(series)
    return measure(lane, column_of(rule), since, until).value if lane else 0.0


def measure(lane: Lane, column: str, since: int, until: int) -> Sample:
    """A signal of a lane in [since, until)."""
    has_data = lane.was_seen(since, until)
    # What only writes records has no requests to miss.
    was_seen = lane.count("requests", 0, since) > 0 if column in OF_REQUESTS else lane.was_seen(0, since)
    if column in QUANTILES:
        histogram = lane.histogram(since, until) if has_data else {}
        count = sum(histogram.values())
        value = quantile(histogram, QUANTILES[column]) or 0.0
        return Sample(value, count, count, has_data=count > 0, was_seen=was_seen)
    count = lane.count(column, since, until)
    base = lane.count(base_of(column), since, until)
    return Sample(float(count), count, base, has_data=has_data, was_seen=was_seen)
