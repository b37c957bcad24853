"""Baselines of an environment's series: fed a minute at a time from a stretch. Pure; live evaluation and backtest share it.

Rules that watch the same signal by the same grouping share one detector a series: it has no settings. A detector says how
surprising the last whole minute was. A minute that is still running is tried on a copy, where it holds too much already:
it can only get worse.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Final, NamedTuple

from alerts.evaluation.series import Series, grouping_of
from alerts.evaluation.signals import QUANTILES, column_of
from alerts.evaluation.stretch import Lane, Stretch
from alerts.models import AlertRule
from diagnostics.core.histogram import quantile
from diagnostics.detection.baseline import BaselineDetector

# A rate is judged against the requests that there were.
RATIOS: Final = frozenset({"failures", "timeouts", "status_4xx", "status_5xx"})
# How much is written, which says less than how much fails.
VOLUMES: Final = frozenset({"records", "template_records"})
LEAST_TRIED: Final = 5  # events in a running minute that are worth a try
YOUNG: Final = 60  # minutes: a detector says nothing of a series that it has seen for less
SURGE_MINUTES: Final = 3
SURGE_LEAST: Final = 15  # events
SURGE_TIMES: Final = 4  # the usual
SURGE_SCORE: Final = 0.75


class Key(NamedTuple):
    """Whose baselines: a signal under a grouping."""

    group_by: str
    column: str

    @property
    def kind(self) -> str:
        """What the detector is told that it looks at."""
        if self.column in QUANTILES:
            return "latency"
        if self.column == "requests":
            return "requests"
        return "log" if self.column in VOLUMES or ":" in self.column else "errors"


def key_of(rule: AlertRule) -> Key:
    """The baselines that a rule looks at."""
    return Key(grouping_of(rule), column_of(rule))


@dataclass(slots=True)
class Tracked:
    """One series' detector. `through` is the last minute that it was fed; `saved` the one that is stored; `since` the
    first one, where it was not taken up from the store."""

    detector: BaselineDetector
    through: int
    saved: int = 0
    since: int = 0


Scores = dict[Key, dict[Series, float]]


@dataclass
class Baselines:
    """All detectors of one environment."""

    tracked: dict[Key, dict[Series, Tracked]] = field(default_factory=dict)

    def advance(self, keys: Iterable[Key], stretch: Stretch, whole_end: int, end: int) -> Scores:
        """Feed every series what it was not fed yet, and say how surprising its last minute is."""
        return {
            key: {
                series: self.score(key, series, lane, stretch, whole_end, end)
                for series, lane in stretch.lanes[key.group_by].items()
            }
            for key in keys
        }

    def score(self, key: Key, series: Series, lane: Lane, stretch: Stretch, whole_end: int, end: int) -> float:
        """One series."""
        known = self.tracked.setdefault(key, {})
        found = known.get(series)
        if found is None:
            first = lane.first_seen(whole_end)
            found = known[series] = Tracked(BaselineDetector(key.kind), first - 1, since=first)
        for minute in range(max(found.through + 1, stretch.oldest or 0), whole_end):
            feed(found.detector, key, lane, minute)
        found.through = max(found.through, whole_end - 1)
        if whole_end - found.since < YOUNG:
            return score_young(key, lane, found.since, end)
        return max(found.detector.score, try_running(found.detector, key, lane, whole_end, end))


def score_young(key: Key, lane: Lane, since: int, end: int) -> float:
    """A series that the detector does not know yet: a plain surge against its few minutes, with a floor, or nothing."""
    if key.kind not in ("errors", "log"):
        return 0.0
    now = lane.count(key.column, end - SURGE_MINUTES, end)
    starts = range(end - 2 * SURGE_MINUTES, since - 1, -SURGE_MINUTES)
    usual = median([lane.count(key.column, start, start + SURGE_MINUTES) for start in starts] or [0])
    return SURGE_SCORE if now >= SURGE_LEAST and now >= SURGE_TIMES * max(usual, 1) else 0.0


def feed(detector: BaselineDetector, key: Key, lane: Lane, minute: int) -> float:
    """One minute; without any request there is no response time."""
    if key.column in QUANTILES:
        return detector.update(minute * 60, quantile(lane.latency.get(minute, {}), QUANTILES[key.column]))
    exposure = lane.count("requests", minute, minute + 1) if key.column in RATIOS else None
    return detector.update(minute * 60, lane.count(key.column, minute, minute + 1), exposure)


def try_running(detector: BaselineDetector, key: Key, lane: Lane, whole_end: int, end: int) -> float:
    """The score that the minutes which are not over would have by now; 0 where they hold nothing special."""
    if key.kind not in ("errors", "log"):
        return 0.0
    so_far = max((lane.count(key.column, minute, minute + 1) for minute in range(whole_end, end)), default=0)
    if so_far < max(LEAST_TRIED, 2 * detector.expected):
        return 0.0
    copy = BaselineDetector.from_state(key.kind, detector.to_state())
    return max(feed(copy, key, lane, minute) for minute in range(whole_end, end))


def scores_of(scores: Mapping[Key, Mapping[Series, float]], rule: AlertRule, series: Series) -> float | None:
    """The score that a rule's series has."""
    return scores.get(key_of(rule), {}).get(series)
