"""Baselines of an environment's series: fed a minute at a time from a stretch. Pure; live evaluation and backtest share it.

Rules that watch the same signal by the same grouping share one detector a series: it has no settings. A detector says how
surprising the last whole minute was. A minute that is still running is tried on a copy, where it holds too much already:
it can only get worse. Live, the last minutes that are over are looked at on a copy, too: records may come some time late.
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

NOTHING: Final[tuple[None, None]] = (None, None)  # read of a minute
# A rate is judged against the requests that there were.
RATIOS: Final = frozenset({"failures", "timeouts", "status_4xx", "status_5xx"})
# How much is written, which says less than how much fails.
VOLUMES: Final = frozenset({"records", "template_records"})
CATCHING_UP: Final = 5  # minutes in which senders hand over what they held while the product was down
LEAST_TRIED: Final = 5  # events in a running minute that are worth a try
YOUNG: Final = 60  # minutes: a detector says nothing of a series that it has seen for less
SURGE_MINUTES: Final = 3
SURGE_LEAST: Final = 15  # events
SURGE_TIMES: Final = 4  # the usual
SURGE_SCORE: Final = 0.75


Reading = tuple[float | None, float | None]  # the value of a minute, and what it is a rate of


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
    first one, where it was not taken up from the store.

    Live, the newest minutes may still grow: they are fed to `ahead`, a copy, which is made anew when they have.
    """

    detector: BaselineDetector
    through: int
    saved: int = 0
    since: int = 0
    ahead: BaselineDetector | None = None
    fed: dict[int, Reading] = field(default_factory=dict)  # to `ahead`, of minutes after `through`
    scores: dict[int, float] = field(default_factory=dict)  # of minutes that have grown since they were fed first

    @property
    def newest(self) -> BaselineDetector:
        """The one that knows all minutes that are over."""
        return self.detector if self.ahead is None else self.ahead

    @property
    def score(self) -> float:
        """Of the last minute, or of one that has grown lately."""
        return max(self.newest.score, *self.scores.values(), 0.0)

    def take(self, readings: Mapping[int, Reading], settled: int) -> None:
        """Feed what will not change any more to the detector, everything to the copy."""
        # A copy costs what fifty minutes do: more requests alone, of which no more fail, are not worth one.
        grown = {minute for minute, (value, _) in self.fed.items() if readings.get(minute, NOTHING)[0] != value}
        for minute, value in readings.items():
            if minute < settled:
                self.detector.update(minute * 60, *value)
        rest = {minute: value for minute, value in readings.items() if minute >= settled}
        self.scores = {minute: score for minute, score in self.scores.items() if minute in rest}
        if not rest:
            self.ahead = None
        elif self.ahead is None or grown:
            self.ahead = copy_of(self.detector)
            scores = {minute: self.ahead.update(minute * 60, *value) for minute, value in rest.items()}
            self.scores = {minute: scores[minute] for minute in rest if minute in grown or minute in self.scores}
        else:
            for minute, value in readings.items():
                if minute not in self.fed:
                    self.ahead.update(minute * 60, *value)
        self.fed = rest
        self.through = max(self.through, settled - 1)


Scores = dict[Key, dict[Series, float]]


@dataclass
class Baselines:
    """All detectors of one environment."""

    tracked: dict[Key, dict[Series, Tracked]] = field(default_factory=dict)
    lag: int = 0  # minutes after which one that is over is taken to be complete
    resumed: int | None = None  # the first whole minute since the product was down

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
        oldest = max(found.through + 1, self.oldest_known(key), stretch.oldest or 0)
        # What is not there yet would look like a drop of traffic for as long as it is waited for.
        settled = whole_end if key.kind == "requests" else whole_end - self.lag
        found.take({minute: read(key, lane, minute) for minute in range(oldest, whole_end)}, settled)
        if whole_end - found.since < YOUNG:
            return score_young(key, lane, found.since, end)
        return max(found.score, try_running(found.newest, key, lane, whole_end, end))

    def oldest_known(self, key: Key) -> int:
        """What was not fed before the product was down, and what came just after, is not known to be all that there was:
        it must not look like a drop of traffic."""
        return self.resumed + CATCHING_UP if self.resumed is not None and key.kind == "requests" else 0


def score_young(key: Key, lane: Lane, since: int, end: int) -> float:
    """A series that the detector does not know yet: a plain surge against its few minutes, with a floor, or nothing."""
    if key.kind not in ("errors", "log"):
        return 0.0
    now = lane.count(key.column, end - SURGE_MINUTES, end)
    starts = range(end - 2 * SURGE_MINUTES, since - 1, -SURGE_MINUTES)
    usual = median([lane.count(key.column, start, start + SURGE_MINUTES) for start in starts] or [0])
    return SURGE_SCORE if now >= SURGE_LEAST and now >= SURGE_TIMES * max(usual, 1) else 0.0


def read(key: Key, lane: Lane, minute: int) -> Reading:
    """One minute, and how many requests there were where it is a rate; without any request there is no response time."""
    if key.column in QUANTILES:
        return quantile(lane.latency.get(minute, {}), QUANTILES[key.column]), None
    exposure = lane.count("requests", minute, minute + 1) if key.column in RATIOS else None
    return lane.count(key.column, minute, minute + 1), exposure


def copy_of(detector: BaselineDetector) -> BaselineDetector:
    """One that knows the same."""
    return BaselineDetector.from_state(detector.kind, detector.to_state())


def try_running(detector: BaselineDetector, key: Key, lane: Lane, whole_end: int, end: int) -> float:
    """The score that the minutes which are not over would have by now; 0 where they hold nothing special."""
    if key.kind not in ("errors", "log"):
        return 0.0
    so_far = max((lane.count(key.column, minute, minute + 1) for minute in range(whole_end, end)), default=0)
    if so_far < max(LEAST_TRIED, 2 * detector.expected):
        return 0.0
    copy = copy_of(detector)
    return max(copy.update(minute * 60, *read(key, lane, minute)) for minute in range(whole_end, end))


def scores_of(scores: Mapping[Key, Mapping[Series, float]], rule: AlertRule, series: Series) -> float | None:
    """The score that a rule's series has."""
    return scores.get(key_of(rule), {}).get(series)
