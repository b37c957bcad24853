"""What each kind of target bears: how many messages an hour, whether several alerts may come in one, and which turns of
an incident it hears of."""

from typing import Final, NamedTuple

from alerts.models import RANKS, Incident, Notification, Target


class Bearing(NamedTuple):
    """Messages an hour, how many of them at once, and the seconds in which later alerts are told together."""

    hourly: int
    at_once: int
    digest_seconds: int
    is_pager: bool = (
        False  # opens and closes each incident by its key, or does something: alerts are never put together
    )


ACTIONS: Final = frozenset({"task", "custom_webhook"})  # they do something, and run for rules that name them alone
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
    "task": MACHINE._replace(is_pager=True),
    "custom_webhook": MACHINE._replace(is_pager=True),
}


def bearing_of(target: Target) -> Bearing:
    """The kind's, changed by what the target says."""
    kind = BEARINGS.get(target.kind, MACHINE)
    if target.hourly_budget is not None:
        kind = kind._replace(hourly=target.hourly_budget, at_once=min(kind.at_once, target.hourly_budget))
    if target.digest_seconds is not None and not kind.is_pager:
        kind = kind._replace(digest_seconds=target.digest_seconds)
    return kind


def hears(target: Target, incident: Incident, action: str) -> bool:
    """Whether such a turn is anything for the target. A custom action is run when an incident of a rule begins, and at its
    other turns only if it is set up so: to restart something twice is no message that came twice."""
    if target.kind not in ACTIONS:
        return True
    if incident.kind != Incident.Kind.ALERT or action == Notification.Action.DIGEST:
        return False
    return action == Notification.Action.TRIGGER or target.config.get("turns") == "all"


def priority_of(severity: str, target: Target) -> int:
    """What goes first: the worse, and of equals what leaves the building: somebody sleeps beside it, nobody beside the
    inbox."""
    return 2 * RANKS[severity] + (target.kind != "inbox")
