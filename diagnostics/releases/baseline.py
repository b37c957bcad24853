"""Which release another one is compared with: the last one before it that was there for long enough and did well."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from diagnostics.detection.comparison import Side, Standing, judge
from diagnostics.releases.arrivals import Arrival

LONG_ENOUGH: Final = timedelta(hours=1)


class Why(StrEnum):
    """What is to be said of the one before it."""

    NOTHING = ""
    BRIEF = "brief"  # it did not stay for long enough
    BAD = "bad"  # it did worse than one that was there before it


@dataclass(frozen=True, slots=True)
class Baseline:
    """Another release of the same service; `why` it is not the one before, or, where it is, what to know of that."""

    release: str = ""
    why: Why = Why.NOTHING


def choose(arrival: Arrival, side_of: Callable[[str], Side]) -> Baseline:
    """Among those that were there in the day before it; the one before where none of them will do. `side_of`: what is
    known of a release until then."""
    good = ""
    for stay in arrival.stays:
        is_long = stay.until - stay.since >= LONG_ENOUGH
        if is_long and (good in ("", stay.release) or not did_worse(side_of(good), side_of(stay.release))):
            good = stay.release
    if good == arrival.before:
        return Baseline(good)
    return Baseline(good or arrival.before, why_not(arrival))


def did_worse(old: Side, new: Side) -> bool:
    """In failed requests or errors."""
    return judge(old, new).standing == Standing.WORSE


def why_not(arrival: Arrival) -> Why:
    """By how long the one before it stayed at most, in that day."""
    stays = [stay.until - stay.since for stay in arrival.stays if stay.release == arrival.before]
    if not stays:
        return Why.NOTHING
    return Why.BAD if max(stays) >= LONG_ENOUGH else Why.BRIEF
