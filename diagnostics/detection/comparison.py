"""Whether a release does better or worse than the one before it, or whether there is too little to tell. Pure arithmetic.

A share is compared by the difference of two proportions: it has changed where the difference is both large enough to
matter and far beyond chance, and it is the same where a change that matters can be excluded; in between nobody knows. A
response time is compared by the intervals in which chance would put it, which ranks give whatever the distribution.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from diagnostics.core.histogram import quantile

FAR: Final = 3.0  # standard errors: by chance once in some 700 comparisons
NEAR: Final = 2.0  # standard errors in which a change that matters must not lie, for "about the same"
RATIO: Final = 1.5  # a share that has changed is half as much again, or two thirds
LEAST_CHANGE: Final = 0.001  # and by one in a thousand
NOTED: Final = 0.01  # what must be excluded for "about the same": one in a hundred, or half of what it was
LEAST_BASE: Final = 20  # requests or records on each side
LEAST_EVENTS: Final = 5  # failures or errors on the side that has more
CLUMP: Final = 4.0  # records of level error come in clumps: one failure may write several
Q: Final = 0.95
SLOWER: Final = 1.25  # times
LEAST_MS: Final = 10.0
LEAST_TIMED: Final = 200  # requests with a duration on each side
ENOUGH_TIMED: Final = 500  # of which "about the same" can be said


class Standing(StrEnum):
    """How a release stands against the one before it."""

    WORSE = "worse"
    BETTER = "better"
    SAME = "same"
    TOO_LITTLE = "too_little"
    NOT_COMPARED = "not_compared"  # there is nothing to compare it with


@dataclass(frozen=True, slots=True)
class Side:
    """What was counted of one release. `timed`: durations, which may be of fewer requests."""

    records: int = 0
    errors: int = 0
    requests: int = 0
    failures: int = 0
    timed: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One figure before and after: 'failed' and 'errors' are shares of 1, 'p95' is milliseconds, 'fatal' are errors
    that are new and fatal."""

    signal: str
    before: float
    after: float
    standing: Standing


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole of it, and the figures that it is of."""

    standing: Standing
    changes: tuple[Change, ...] = ()

    @property
    def telling(self) -> list[Change]:
        """The figures that changed, what is worse first; where none did, all of them."""
        changed = [change for change in self.changes if change.standing in (Standing.WORSE, Standing.BETTER)]
        return sorted(changed, key=lambda change: change.standing != Standing.WORSE) or list(self.changes)


NOT_COMPARED: Final = Verdict(Standing.NOT_COMPARED)


def judge(before: Side, after: Side, new_fatals: int = 0) -> Verdict:
    """Worse where anything is, else better where anything is; the same where at least one figure is known to be.
    `new_fatals`: errors that were first seen with the later one and are fatal; whatever else got better, that is worse."""
    found = [
        compare_shares("failed", before.failures, before.requests, after.failures, after.requests),
        compare_shares("errors", before.errors, before.records, after.errors, after.records, CLUMP),
        compare_times(before.timed or {}, after.timed or {}),
        Change("fatal", 0, new_fatals, Standing.WORSE) if new_fatals else None,
    ]
    changes = tuple(change for change in found if change is not None)
    return Verdict(overall([change.standing for change in changes]), changes)


def overall(standings: Sequence[Standing]) -> Standing:
    """One word for several."""
    for standing in (Standing.WORSE, Standing.BETTER, Standing.SAME):
        if standing in standings:
            return standing
    return Standing.TOO_LITTLE


def compare_shares(
    signal: str, events: int, base: int, events_now: int, base_now: int, clump: float = 1.0
) -> Change | None:
    """None where one of the sides has nothing to take a share of. `clump`: so many events come at once."""
    if not base or not base_now:
        return None
    before, after = events / base, events_now / base_now
    return Change(signal, before, after, stand_of_shares((events, base), (events_now, base_now), clump))


def stand_of_shares(old: tuple[int, int], new: tuple[int, int], clump: float) -> Standing:
    """One more of each kind is added on both sides (Agresti and Caffo), so that none of a few is not taken for never."""
    if min(old[1], new[1]) < LEAST_BASE:
        return Standing.TOO_LITTLE
    before, after = (smoothed(*side) for side in (old, new))
    error = math.sqrt(clump * (before * (1 - before) / (old[1] + 2) + after * (1 - after) / (new[1] + 2)))
    rise = after - before
    if matters(old[0] / old[1], new[0] / new[1]):
        has_events = max(old[0], new[0]) >= LEAST_EVENTS * clump
        if has_events and abs(rise) >= FAR * error:
            return Standing.WORSE if rise > 0 else Standing.BETTER
        return Standing.TOO_LITTLE
    return Standing.SAME if abs(rise) + NEAR * error <= max(NOTED, before * (RATIO - 1)) else Standing.TOO_LITTLE


def smoothed(events: int, base: int) -> float:
    """A share that is never none or all."""
    return (events + 1) / (base + 2)


def matters(before: float, after: float) -> bool:
    """Whether somebody would care, were it sure."""
    low, high = sorted((before, after))
    return high - low >= LEAST_CHANGE and high >= RATIO * low


def compare_times(before: Mapping[str, int], after: Mapping[str, int]) -> Change | None:
    """By the slowest twentieth; None where one of the sides has no durations."""
    old, new = quantile(before, Q), quantile(after, Q)
    if old is None or new is None:
        return None
    return Change("p95", old, new, stand_of_times(before, after, old, new))


def stand_of_times(before: Mapping[str, int], after: Mapping[str, int], old: float, new: float) -> Standing:
    """It has changed where it is a quarter slower (or faster) and chance would put the two nowhere near each other."""
    counted = min(sum(before.values()), sum(after.values()))
    if counted < LEAST_TIMED:
        return Standing.TOO_LITTLE
    if abs(new - old) >= LEAST_MS and max(new, old) >= SLOWER * min(new, old):
        slow, fast = (after, before) if new > old else (before, after)
        if bound(slow, -NEAR) <= bound(fast, NEAR):
            return Standing.TOO_LITTLE
        return Standing.WORSE if new > old else Standing.BETTER
    return Standing.SAME if counted >= ENOUGH_TIMED else Standing.TOO_LITTLE


def bound(counts: Mapping[str, int], off: float) -> float:
    """Where the quantile may lie, so many standard errors of its rank off."""
    error = math.sqrt(Q * (1 - Q) / sum(counts.values()))
    return quantile(counts, min(max(Q + off * error, 0.0), 1.0)) or 0.0
