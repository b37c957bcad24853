"""Hours of the week in a time zone: when a target works, when maintenance is. Kept on the wall clock, compared in UTC.

A span that ends before it begins goes over midnight and belongs to the day on which it begins. When the clocks change,
wall times keep their meaning: a span that begins in the hour that is skipped begins with the hour after it, and one that
touches the hour that comes twice covers both.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_AHEAD: Final = 8  # days: a weekly span comes again within a week


@dataclass(frozen=True, slots=True)
class Hours:
    """From `begins` to `ends` on each of `days` (0 is Monday); equal times mean the whole day."""

    days: frozenset[int]
    begins: time
    ends: time
    zone: ZoneInfo

    def span_of(self, day: date) -> tuple[datetime, datetime]:
        """The span that begins on this day, in UTC."""
        last = day if self.ends > self.begins else day + timedelta(days=1)
        begins = datetime.combine(day, self.begins, self.zone)
        ends = datetime.combine(last, self.ends.replace(fold=1), self.zone)
        return begins.astimezone(UTC), ends.astimezone(UTC)

    def span_around(self, moment: datetime) -> tuple[datetime, datetime] | None:
        """The span that holds the moment."""
        today = moment.astimezone(self.zone).date()
        for day in (today, today - timedelta(days=1)):
            begins, ends = self.span_of(day)
            if day.weekday() in self.days and begins <= moment < ends:
                return begins, ends
        return None

    def next_start(self, moment: datetime) -> datetime:
        """When the next span begins; the moment itself inside of one."""
        if self.span_around(moment) is not None:
            return moment
        today = moment.astimezone(self.zone).date()
        days = [today + timedelta(days=ahead) for ahead in range(LOOK_AHEAD)]
        starts = [self.span_of(day)[0] for day in days if day.weekday() in self.days]
        return next(start for start in starts if start >= moment)


def read_days(text: str) -> frozenset[int]:
    """'mon-fri, sun' as numbers of days; ValueError says what is expected."""
    found: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if first not in DAYS or (last if dash else first) not in DAYS:
            raise ValueError("Days: write them as mon, tue, wed, thu, fri, sat, sun, or as a range: mon-fri.")
        place, end = DAYS.index(first), DAYS.index(last or first)
        found |= {day % 7 for day in range(place, (end if end >= place else end + 7) + 1)}
    return frozenset(found)


def read_zone(name: str) -> ZoneInfo:
    """The time zone; ValueError says what is expected."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("Zone: use a name such as UTC, Europe/Berlin or America/New_York.") from None
