"""What each kind of target bears: how many messages an hour, and whether several alerts may come in one."""

from typing import Final, NamedTuple

from alerts.models import RANKS, Target


class Bearing(NamedTuple):
    """Messages an hour, how many of them at once, and the seconds in which later alerts are told together."""

    hourly: int
    at_once: int
    digest_seconds: int
    is_pager: bool = False  # each incident is opened and closed there by its key: alerts are never put together


MACHINE: Final = Bearing(3600, 60, 0)
BEARINGS: Final[dict[str, Bearing]] = {
    "slack": Bearing(1800, 10, 60),  # one a second and a channel, with short bursts
    "teams": Bearing(100, 10, 60),  # a webhook is cut off above 100 an hour
    "email": Bearing(60, 10, 60),
    "apprise": Bearing(120, 10, 60),
    "pagerduty": Bearing(3600, 60, 0, is_pager=True),
    "opsgenie": Bearing(3600, 60, 0, is_pager=True),
    "jsm": Bearing(3600, 60, 0, is_pager=True),
    "alertmanager": Bearing(3600, 60, 0, is_pager=True),
}


def bearing_of(target: Target) -> Bearing:
    """The kind's, changed by what the target says."""
    kind = BEARINGS.get(target.kind, MACHINE)
    if target.hourly_budget is not None:
        kind = kind._replace(hourly=target.hourly_budget, at_once=min(kind.at_once, target.hourly_budget))
    if target.digest_seconds is not None and not kind.is_pager:
        kind = kind._replace(digest_seconds=target.digest_seconds)
    return kind


def priority_of(severity: str, target: Target) -> int:
    """What goes first: the worse, and of equals what leaves the building: somebody sleeps beside it, nobody beside the
    inbox."""
    return 2 * RANKS[severity] + (target.kind != "inbox")
