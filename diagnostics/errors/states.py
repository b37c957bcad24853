"""Where an error stands: new, came back, open, ignored, resolved."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Case, Q, QuerySet, Value, When

from diagnostics.models import ErrorGroup

State = ErrorGroup.State
FRESH: Final = timedelta(days=1)  # so long an error is called new, or one that came back
UNSETTLED: Final = (State.NEW, State.REGRESSION, State.OPEN)  # nobody has said that it is over, or to be ignored
# What lists are cut to -> the states that it shows.
SHOWN: Final[dict[str, tuple[State, ...]]] = {
    "open": UNSETTLED,
    "new": (State.NEW,),
    "regression": (State.REGRESSION,),
    "ignored": (State.IGNORED,),
    "resolved": (State.RESOLVED,),
    "all": tuple(State),
}


def with_state(rows: "QuerySet[ErrorGroup]", now: datetime) -> "QuerySet[Any]":
    """The rows with `standing`, as `state_of` tells it of one."""
    fresh = now - FRESH
    still = Q(ignored_at__isnull=False) & (Q(ignored_until=None) | Q(ignored_until__gt=now))
    return rows.annotate(
        standing=Case(
            When(resolved_at__isnull=False, then=Value(State.RESOLVED.value)),
            When(still, then=Value(State.IGNORED.value)),
            When(came_back_at__gte=fresh, then=Value(State.REGRESSION.value)),
            When(noticed_at__gte=fresh, then=Value(State.NEW.value)),
            default=Value(State.OPEN.value),
        )
    )


def in_states(rows: "QuerySet[ErrorGroup]", shown: str, now: datetime) -> "QuerySet[Any]":
    """The rows of a list (a key of SHOWN)."""
    return with_state(rows, now).filter(standing__in=SHOWN[shown])


def state_of(error: ErrorGroup, now: datetime) -> State:
    """Where one stands."""
    if error.resolved_at is not None:
        return State.RESOLVED
    if is_ignored(error, now):
        return State.IGNORED
    if error.came_back_at is not None and error.came_back_at >= now - FRESH:
        return State.REGRESSION
    if error.noticed_at is not None and error.noticed_at >= now - FRESH:
        return State.NEW
    return State.OPEN


def is_ignored(error: ErrorGroup, now: datetime) -> bool:
    """Whether nobody wants to hear of it now."""
    return error.ignored_at is not None and (error.ignored_until is None or error.ignored_until > now)
