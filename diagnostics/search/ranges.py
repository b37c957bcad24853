"""The time that a page shows: so far back from now, or from one moment to another; and the ways to the times beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from diagnostics.core import clock, limits
from diagnostics.search.filters import RANGES, read_moment

SHORTEST: Final = timedelta(minutes=1)  # what has only begun is shown as that, and zoomed out from
FIRST: Final = clock.from_ns(limits.EARLIEST_NS)
LAST: Final = clock.from_ns(limits.LATEST_NS)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """[since, until). `name` is one of RANGES, or empty where moments were given."""

    since: datetime
    until: datetime
    name: str = ""
    is_open: bool = True  # goes on with the clock
    has_start: bool = True  # else only its end was given

    @property
    def length(self) -> timedelta:
        """From one end to the other."""
        return self.until - self.since

    @property
    def end(self) -> datetime | None:
        """Where it ends; None where it goes on: what a clock ahead of ours sent is of now, too."""
        return None if self.is_open else self.until

    def params(self) -> dict[str, str]:
        """As it stands in an address."""
        if self.name:
            return {"range": self.name}
        since = {"since": write_moment(self.since)}
        return since if self.is_open else {**since, "until": write_moment(self.until)}

    def shifted(self, steps: int) -> "TimeRange | None":
        """As long, so many halves of its length later (or earlier); None where there are no records at all."""
        by = self.length / 2 * steps
        return between(self.since, self.until, by, by)

    def zoomed_out(self) -> "TimeRange | None":
        """Twice as long around the same middle; None where that is more than all of time."""
        by = max(self.length, SHORTEST) / 2
        return between(self.since, self.until, -by, by)


def between(since: datetime, until: datetime, earlier: timedelta, later: timedelta) -> TimeRange | None:
    """The moments moved, and cut to seconds: what nobody typed needs no more digits in an address."""
    try:
        since, until = (since + earlier).replace(microsecond=0), (until + later).replace(microsecond=0)
    except OverflowError:
        return None
    return TimeRange(since, until, is_open=False) if since >= FIRST and until < LAST else None


def read_range(params: Mapping[str, Any], default: str, now: datetime | None = None) -> TimeRange:
    """From an address's parameters: range, or since and until. ValueError names the parameter and what would do; a range
    that is not known is as if it were not there."""
    now = now or clock.now()
    since, until = read_moment(params, "since"), read_moment(params, "until")
    named = str(params.get("range") or default)
    named = named if named in RANGES else default
    end = until or now
    if since is None:
        return TimeRange(
            end - RANGES[named], end, "" if until else named, is_open=until is None, has_start=until is None
        )
    if until is not None and until <= since:
        raise ValueError("until: choose a time after since")
    return TimeRange(since, until or max(now, since + SHORTEST), is_open=until is None)


def write_moment(moment: datetime) -> str:
    """As addresses have it."""
    return moment.isoformat().replace("+00:00", "Z")
