"""Minutes go by, rules are looked at, firings are noted. Pure: rows come in, nothing is read or written.

A rule is looked at once a minute, at the minute's last second. Live, it is looked at after each digest and so some seconds
earlier; what it says of a minute that is over is the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from alerts.backtest.drawing import Drawing
from alerts.backtest.incidents import Incidents, Told
from alerts.backtest.keeping import load_baselines, save_baselines
from alerts.backtest.variants import Variant
from alerts.evaluation.baselines import Baselines, key_of
from alerts.evaluation.history import SETTLE, number_of
from alerts.evaluation.judge import BASELINE
from alerts.evaluation.samples import BACK, USUAL_MINUTES, Instant, Past
from alerts.evaluation.series import grouping_of
from alerts.evaluation.state_machine import SeriesState, State, Transition
from alerts.evaluation.step import Before, Outcome, step_rule
from alerts.evaluation.stretch import Row, Stretch
from alerts.evaluation.templates import NO_TEMPLATES, Templates
from alerts.evaluation.usual import Spans
from alerts.models import AlertRule

Condition = AlertRule.Condition
Explain = Callable[[AlertRule, Instant, Outcome, Spans], str]

LAST_SECOND: Final = 59
SETTLED: Final = (timedelta(seconds=LAST_SECOND) - SETTLE) // timedelta(minutes=1)  # minutes after it that are over
MOST_FIRINGS: Final = 500  # of one rule that are kept one by one; all are counted
FORGET_EVERY: Final = 60  # minutes


@dataclass(slots=True)
class Firing:
    """A series that would have fired: minutes since 1970, and whether that opens an incident, joins one or comes back."""

    series: str
    first: int
    last: int | None
    peak: float
    message: str = ""
    told: str = Told.OPENS

    def save(self) -> list[Any]:
        """As JSON."""
        return [self.series, self.first, self.last, self.peak, self.message, self.told]


@dataclass(slots=True)
class Tally:
    """What one variant did. `count`: incidents; `fired`: series that fired, of which several may be one incident."""

    before: dict[str, Before] = field(default_factory=dict)
    incidents: Incidents = field(default_factory=Incidents)
    count: int = 0
    fired: int = 0
    minutes: int = 0  # of firing, over all series
    longest: int = 0
    firings: list[Firing] = field(default_factory=list)
    open: dict[str, Firing] = field(default_factory=dict)
    by_series: dict[str, int] = field(default_factory=dict)


def moment_in(minute: int) -> datetime:
    """When a minute is looked at."""
    return datetime.fromtimestamp(minute * 60 + LAST_SECOND, UTC)


class Replay:
    """One rule and its neighbours over the minutes of the past."""

    def __init__(
        self, variants: Sequence[Variant], since: int, until: int, explain: Explain, templates: Templates = NO_TEMPLATES
    ) -> None:
        self.templates = templates
        self.variants = variants
        self.rule = variants[0].rule
        self.since, self.until = since, until
        self.explain = explain
        self.tallies = [Tally() for _ in variants]
        self.baselines = Baselines()
        self.present = Stretch([grouping_of(self.rule)])
        self.back = BACK.get(self.rule.compare_to, 0) if self.rule.condition == Condition.CHANGE else 0
        self.past = Stretch([grouping_of(self.rule)]) if self.back else None
        longest = max(variant.rule.window_minutes for variant in variants)
        self.memory = longest + max(USUAL_MINUTES, longest)
        self.drawing = Drawing(since, until)

    def advance(self, minute: int, rows: Sequence[Row], past_rows: Sequence[Row] = ()) -> None:
        """One minute: its rows, and those of the same minute at the time that the rule compares with. Minutes before
        `since` only fill the memory."""
        self.present.put(rows)
        if self.past is not None:
            self.past.put(past_rows)
        if minute % FORGET_EVERY == 0:
            self.present.cut_before(minute - self.memory)
            if self.past is not None:
                self.past.cut_before(minute - self.back - self.memory)
        if minute < self.since:
            return
        now = moment_in(minute)
        instant = self.instant(minute)
        for variant, tally in zip(self.variants, self.tallies, strict=True):
            for outcome in step_rule(variant.rule, instant, tally.before, now):
                self.note(variant, tally, outcome, instant, minute)
        self.drawing.note(self.rule, instant, self.baselines, minute)

    def instant(self, minute: int) -> Instant:
        """The minute's last second as live evaluation sees it."""
        pasts = {self.rule.compare_to: Past(self.back, self.past)} if self.past is not None else {}
        instant = Instant(self.present, minute + 1, minute + SETTLED, pasts, self.templates)
        if self.rule.condition == BASELINE:
            key = key_of(self.rule)
            instant.scores = self.baselines.advance([key], self.present, instant.whole_end, instant.end)
        return instant

    def note(self, variant: Variant, tally: Tally, outcome: Outcome, instant: Instant, minute: int) -> None:
        """Remember the state; count what is told."""
        name, known = outcome.series.name, tally.before.get(outcome.series.name)
        usual = known.usual if known is not None and known.is_firing else None
        if outcome.transition == Transition.FIRES:
            usual = outcome.sample.usual
            message = ""
            if variant.is_own:
                message = self.explain(variant.rule, instant, outcome, bad_spans(variant.rule, tally, outcome, minute))
            told = tally.incidents.begin(name, outcome.series.service_name, minute)
            begin(tally, Firing(name, minute, None, outcome.verdict.measured, message, told))
        elif outcome.transition == Transition.RESOLVES:
            tally.incidents.end(name, minute)
            end(tally, name, minute)
        elif outcome.after.state == State.FIRING and (firing := tally.open.get(name)) is not None:
            firing.peak = max(firing.peak, outcome.verdict.measured)
        tally.minutes += outcome.after.state == State.FIRING
        tally.before[name] = Before(outcome.after, usual)

    def finish(self) -> None:
        """What still fires has lasted until now."""
        for tally in self.tallies:
            for firing in tally.open.values():
                tally.longest = max(tally.longest, self.until - firing.first)

    def save(self) -> dict[str, Any]:
        """Everything but the minutes themselves, which are read again."""
        return {
            "tallies": [save_tally(tally) for tally in self.tallies],
            "baselines": save_baselines(self.baselines),
            "drawing": self.drawing.save(),
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Go on where `save` was called."""
        self.tallies = [load_tally(item) for item in saved["tallies"]]
        self.baselines = load_baselines(saved["baselines"])
        self.drawing.load(saved["drawing"])


def bad_spans(rule: AlertRule, tally: Tally, outcome: Outcome, minute: int) -> Spans:
    """Minutes in which something was wrong with a series already: it fired, or waited to."""
    name, before, length = outcome.series.name, outcome.before, rule.window_minutes
    fired = [one for one in tally.firings if one.series == name and one.last is not None]
    spans = [(one.first + 1 - length, one.last or minute) for one in fired]
    if before is not None and before.state.state == State.PENDING:
        spans.append((number_of(before.state.since) - length, minute + 1))
    return spans


def begin(tally: Tally, firing: Firing) -> None:
    """It fires."""
    tally.fired += 1
    tally.count += firing.told == Told.OPENS
    tally.by_series[firing.series] = tally.by_series.get(firing.series, 0) + 1
    tally.open[firing.series] = firing
    if len(tally.firings) < MOST_FIRINGS:
        tally.firings.append(firing)


def end(tally: Tally, name: str, minute: int) -> None:
    """It is over."""
    firing = tally.open.pop(name, None)
    if firing is not None:
        firing.last = minute
        tally.longest = max(tally.longest, minute - firing.first)


def save_tally(tally: Tally) -> dict[str, Any]:
    """As JSON."""
    return {
        "before": {name: [item.state.state, *stamps(item.state), item.usual] for name, item in tally.before.items()},
        "numbers": [tally.count, tally.fired, tally.minutes, tally.longest],
        "incidents": tally.incidents.save(),
        "firings": [one.save() for one in tally.firings],
        "open": {name: one.save() for name, one in tally.open.items()},
        "by_series": tally.by_series,
    }


def stamps(state: SeriesState) -> list[float | None]:
    """Since when, and since when well."""
    return [state.since.timestamp(), state.well_since.timestamp() if state.well_since else None]


def load_tally(saved: dict[str, Any]) -> Tally:
    """From JSON."""
    tally = Tally()
    for name, (state, since, well, usual) in saved["before"].items():
        well_since = None if well is None else datetime.fromtimestamp(well, UTC)
        tally.before[name] = Before(SeriesState(State(state), datetime.fromtimestamp(since, UTC), well_since), usual)
    tally.count, tally.fired, tally.minutes, tally.longest = saved["numbers"]
    tally.incidents.load(saved["incidents"])
    tally.firings = [Firing(*item) for item in saved["firings"]]
    known = {(one.series, one.first): one for one in tally.firings}
    for name, item in saved["open"].items():
        tally.open[name] = known.get((item[0], item[1])) or Firing(*item)
    tally.by_series = saved["by_series"]
    return tally
