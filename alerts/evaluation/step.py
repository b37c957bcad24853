"""One rule at one moment: each of its series is measured, judged and stepped. Pure: nothing is read or written.

Live evaluation writes down what comes out; a backtest counts it. Both call this.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from alerts.evaluation.baselines import scores_of
from alerts.evaluation.judge import BASELINE, CHANGE, judge, timing_of
from alerts.evaluation.samples import Instant
from alerts.evaluation.series import Series, series_named
from alerts.evaluation.state_machine import SeriesState, State, Timing, Transition, step
from alerts.models import AlertRule
from diagnostics.detection.sample import Sample, Verdict

ACTIVE: Final = (State.PENDING, State.FIRING)


@dataclass(frozen=True, slots=True)
class Before:
    """What is remembered of a series: its state, and while it fires the usual that it was measured against."""

    state: SeriesState
    usual: float | None = None

    @property
    def is_firing(self) -> bool:
        """Whether it fires."""
        return self.state.state == State.FIRING


@dataclass(frozen=True, slots=True)
class Outcome:
    """One series of a rule, stepped."""

    series: Series
    sample: Sample
    verdict: Verdict
    before: Before | None
    after: SeriesState
    transition: Transition

    @property
    def is_active(self) -> bool:
        """Whether it wants another look soon."""
        return self.after.state in ACTIVE

    @property
    def fires_on(self) -> bool:
        """Whether it fired before, and does."""
        return self.after.state == State.FIRING and self.transition == Transition.NONE


def step_rule(rule: AlertRule, instant: Instant, before: Mapping[str, Before], now: datetime) -> list[Outcome]:
    """Outcomes of the series that are, or were, anything but at rest."""
    timing = timing_of(rule)
    found = []
    condition, is_held = rule.condition, instant.holds(rule)
    for series, sample, known in every_sample(rule, instant, before):
        # What a rule no longer looks at is over, as what is not heard of any more is.
        is_firing = known is not None and known.is_firing and not is_left_out(rule, series)
        if condition == CHANGE:
            sample = with_usual(rule, instant, series, sample, known)
        elif condition == BASELINE:
            sample = sample._replace(score=scores_of(instant.scores, rule, series))
        verdict = judge(rule, sample, is_firing=is_firing)
        if is_held and not is_firing:
            verdict = verdict._replace(is_bad=False)
        if known is None and not verdict.is_bad:
            continue  # nothing is remembered of series that were never bad
        found.append(step_series(series, sample, verdict, known, timing, now))
    return found


def is_left_out(rule: AlertRule, series: Series) -> bool:
    """Whether the rule was told to look at the series' service no more."""
    return bool(rule.except_services) and rule.leaves_out(series.service_name)


def every_sample(
    rule: AlertRule, instant: Instant, before: Mapping[str, Before]
) -> Iterator[tuple[Series, Sample, Before | None]]:
    """Series that are heard of, and those that are remembered and no longer heard of."""
    samples = instant.samples(rule)
    if not before:
        yield from ((series, sample, None) for series, sample in samples.items())
        return
    unheard = set(before)
    for series, sample in samples.items():
        name = series.name
        unheard.discard(name)
        yield series, sample, before.get(name)
    for name in sorted(unheard):
        yield series_named(name), gone(rule), before[name]


def gone(rule: AlertRule) -> Sample:
    """The sample of a series that nothing is left of. Counts are 0, truly; of the rest nothing can be said."""
    return Sample(0.0, 0, has_data=False, was_seen=False)


def with_usual(rule: AlertRule, instant: Instant, series: Series, sample: Sample, known: Before | None) -> Sample:
    """While it fires its usual is the one that it fired against: what lasts must not become usual."""
    if known is not None and known.is_firing and known.usual is not None:
        return sample._replace(usual=known.usual)
    return sample._replace(usual=instant.usual(rule, series))


def step_series(
    series: Series, sample: Sample, verdict: Verdict, known: Before | None, timing: Timing, now: datetime
) -> Outcome:
    """One step of one series."""
    state = SeriesState(State.OK, now) if known is None else known.state
    after, transition = step(state, verdict, timing, now)
    return Outcome(series, sample, verdict, known, after, transition)
