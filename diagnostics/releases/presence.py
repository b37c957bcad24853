"""Where a release stands in its service now, and what it carries of it."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import Max

from diagnostics.core import clock
from diagnostics.models import Environment, Event
from diagnostics.releases.arrivals import Name
from diagnostics.releases.sums import MINUTE, ByRelease, add_up, read_sums

LATELY: Final = timedelta(minutes=10)  # "now": the last minutes of the time shown


class Presence(StrEnum):
    """What the last minutes say of a release."""

    PRESENT = "present", "present"  # the one that carries most
    BESIDE = "beside", "beside it"  # carries something, too
    REPLACED = "replaced", "replaced"
    QUIET = "quiet", "quiet"  # nothing was heard of the whole service
    UNHEARD = "unheard", "not heard of yet"  # told, but no record has come

    label: str

    def __new__(cls, value: str, label: str) -> "Presence":
        """With the word that pages show."""
        member = str.__new__(cls, value)
        member._value_, member.label = value, label
        return member


Shares = Mapping[Name, float]


def read_shares(environment: Environment, until: datetime, services: Collection[str]) -> dict[Name, float]:
    """What each release carries of its service now: of its requests, or of its records where it answers none. What came
    within the last minutes is asked of the minutes since."""
    since = until - LATELY
    lately = read_sums(environment, since, until, MINUTE, services)
    changed = last_deploys(environment, since, until, services)
    shares: dict[Name, float] = {}
    for service in {service for service, _ in lately}:
        of = {name: steps for name, steps in lately.items() if name[0] == service}
        after = changed.get(service)
        shares |= (after and shares_from(of, clock.floor_minute(after) + MINUTE, until)) or shares_from(
            of, since, until
        )
    return shares


def last_deploys(
    environment: Environment, since: datetime, until: datetime, services: Collection[str]
) -> dict[str, datetime]:
    """When something last came to each in these minutes."""
    rows = Event.objects.filter(environment=environment, kind=Event.Kind.DEPLOY, service_name__in=services)
    named = rows.between(since, until).order_by().values_list("service_name").annotate(last=Max("timestamp"))
    return dict(named)


def shares_from(lately: ByRelease, since: datetime, until: datetime) -> dict[Name, float]:
    """Of one service's releases; empty where nothing was heard of it."""
    totals = {name: add_up(lately, name, since, until).counts for name in lately}
    what = "requests" if any(counts["requests"] for counts in totals.values()) else "records"
    whole = sum(counts[what] for counts in totals.values())
    return {name: counts[what] / whole for name, counts in totals.items() if counts[what]}


def presence_of(name: Name, shares: Shares, *, was_heard: bool) -> Presence:
    """By its share and the others'; of two that carry as much, the later name is the present one."""
    beside = {of: share for of, share in shares.items() if of[0] == name[0]}
    if name in beside:
        named = [of for of in beside if of[1]]  # records that name no release are of none
        largest = max(named, key=lambda of: (beside[of], of))
        return Presence.PRESENT if name == largest else Presence.BESIDE
    if not was_heard:
        return Presence.UNHEARD
    return Presence.REPLACED if beside else Presence.QUIET
