"""The states of a series under a rule: ok -> pending -> firing -> resolved. Pure: the clock is an argument.

Live evaluation and any simulation run this same function.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from diagnostics.detection.sample import Verdict


class State(StrEnum):
    """As stored in RuleState."""

    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class Transition(StrEnum):
    """What must be told."""

    NONE = ""
    FIRES = "fires"
    RESOLVES = "resolves"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a series must be bad before it fires, and look well before it resolves."""

    pending: timedelta
    keep_firing: timedelta


@dataclass(frozen=True, slots=True)
class SeriesState:
    """Where a series stands. `since`: when it came into its state; `well_since`: since when it looks well."""

    state: State
    since: datetime
    well_since: datetime | None = None


def step(before: SeriesState, verdict: Verdict, timing: Timing, now: datetime) -> tuple[SeriesState, Transition]:
    """The next state and what to tell. A clock that jumps back never makes time pass."""
    if before.state == State.FIRING:
        return step_firing(before, verdict, timing, now)
    if not verdict.is_bad:
        if before.state == State.PENDING:
            return SeriesState(State.OK, now), Transition.NONE
        return before, Transition.NONE
    since = before.since if before.state == State.PENDING else now
    if now - since >= timing.pending:
        return SeriesState(State.FIRING, now), Transition.FIRES
    return SeriesState(State.PENDING, since), Transition.NONE


def step_firing(before: SeriesState, verdict: Verdict, timing: Timing, now: datetime) -> tuple[SeriesState, Transition]:
    """Firing goes on until it has looked well for long enough; between the two thresholds nothing changes."""
    if not verdict.is_well:
        return replace(before, well_since=None), Transition.NONE
    well_since = before.well_since or now
    if now - well_since >= timing.keep_firing:
        return SeriesState(State.RESOLVED, now), Transition.RESOLVES
    return replace(before, well_since=well_since), Transition.NONE
