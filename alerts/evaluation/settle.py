"""What becomes of a series that was told of as news, once the news is old."""

from datetime import datetime

from alerts.evaluation.judge import timing_of
from alerts.evaluation.state_machine import SeriesState, State, Transition, step
from alerts.incidents.transitions import end_series
from alerts.models import AlertRule, RuleState
from diagnostics.detection.sample import Verdict


def settle(rule: AlertRule, row: RuleState, now: datetime, *, is_well: bool, because: str) -> None:
    """Step a firing series; where it resolves, its incident ends for that reason."""
    verdict = Verdict(is_bad=False, is_well=is_well, measured=row.value or 0.0)
    before = SeriesState(State.FIRING, row.since, row.healthy_since)
    after, transition = step(before, verdict, timing_of(rule), now)
    if after == before:
        return
    row.state, row.since, row.healthy_since, row.evaluated_at = after.state, after.since, after.well_since, now
    if transition == Transition.RESOLVES and row.incident is not None:
        end_series(row.incident, rule, row.series, because, now)
    row.save()
