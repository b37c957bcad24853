"""The states of a series under a rule: ok -> pending -> firing -> resolved. Pure: the clock is an argument.

Live evaluation and any simulation run this same function.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from diagnostics.detection.sample import Verdict

# A firing series that is not heard of any more, or too little to tell, is held for so long beyond the rule's own time: an
# outage that silences a service is no recovery, and neither may anything fire for ever because its service is gone.
PATIENCE: Final = timedelta(minutes=10)


class State(StrEnum):
    """As stored in RuleState."""

    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    NO_DATA = "no_data"


class Transition(StrEnum):
    """What must be told."""

    NONE = ""
    FIRES = "fires"
    RESOLVES = "resolves"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a series must be bad before it fires, look well before it resolves, and fire at least."""

    pending: timedelta
    keep_firing: timedelta
    minimum_firing: timedelta = timedelta(0)


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
        return step_at_rest(before, verdict, now), Transition.NONE
    since = before.since if before.state == State.PENDING else now
    if now - since >= timing.pending:
        return SeriesState(State.FIRING, now), Transition.FIRES
    return SeriesState(State.PENDING, since), Transition.NONE


def step_at_rest(before: SeriesState, verdict: Verdict, now: datetime) -> SeriesState:
    """Not bad: pending is over; whether anything is heard of it is a state of its own, and no alarm."""
    if not verdict.has_data:
        return before if before.state == State.NO_DATA else SeriesState(State.NO_DATA, now)
    if before.state in (State.PENDING, State.NO_DATA):
        return SeriesState(State.OK, now)
    return before


def step_firing(before: SeriesState, verdict: Verdict, timing: Timing, now: datetime) -> tuple[SeriesState, Transition]:
    """Firing goes on until it has looked well for long enough; between the two thresholds nothing changes."""
    if not verdict.is_well and verdict.has_data:
        return replace(before, well_since=None), Transition.NONE
    well_since = before.well_since or now
    wait = timing.keep_firing if verdict.has_data else timing.keep_firing + PATIENCE
    if now - well_since >= wait and now - before.since >= timing.minimum_firing:
        return SeriesState(State.RESOLVED, now), Transition.RESOLVES
    return replace(before, well_since=well_since), Transition.NONE
