"""Hours of days that come again, in a time zone: when a target works, when maintenance is. Kept on the wall clock,
compared in UTC.

A span that ends before it begins goes over midnight and belongs to the day on which it begins. When the clocks change,
wall times keep their meaning: a span that begins in the hour that is skipped begins with the hour after it, and one that
touches the hour that comes twice covers both.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LAST: Final = "last"
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKS: Final = ("1st", "2nd", "3rd", "4th", "5th", LAST)
LOOK_AHEAD: Final = 190  # days: a fifth Monday comes again within half a year, whatever the calendar
EXPECTED: Final = (
    "Days: write them as mon, tue, wed, thu, fri, sat, sun, as a range (mon-fri), as days of the month (1, 15-20, last) or"
    " as weekdays of the month (1st sun, last fri)."
)


@dataclass(frozen=True, slots=True)
class Days:
    """Days that come again each week or each month; a day belongs to them when one of the three kinds holds it."""

    weekdays: frozenset[int] = frozenset()  # 0 is Monday
    dates: frozenset[int] = frozenset()  # of the month; 0 is its last day
    weeks: frozenset[tuple[int, int]] = frozenset()  # (1, 6) is the first Sunday of the month, (0, 6) the last one

    def __contains__(self, day: date) -> bool:
        """Whether the day is one of them."""
        weekday = day.weekday()
        if weekday in self.weekdays or day.day in self.dates or ((day.day + 6) // 7, weekday) in self.weeks:
            return True
        last = monthrange(day.year, day.month)[1]
        return (day.day == last and 0 in self.dates) or (day.day > last - 7 and (0, weekday) in self.weeks)


@dataclass(frozen=True, slots=True)
class Hours:
    """From `begins` to `ends` on each of `days`; equal times mean the whole day."""

    days: Days
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
            if day in self.days and begins <= moment < ends:
                return begins, ends
        return None

    def next_start(self, moment: datetime) -> datetime:
        """When the next span begins; the moment itself inside of one."""
        if self.span_around(moment) is not None:
            return moment
        today = moment.astimezone(self.zone).date()
        days = (today + timedelta(days=ahead) for ahead in range(LOOK_AHEAD))
        starts = (self.span_of(day)[0] for day in days if day in self.days)
        return next(start for start in starts if start >= moment)


def read_days(text: str) -> Days:
    """'mon-fri, sun', '1st sun' or '15, last' as days; ValueError says what is expected."""
    weekdays: set[int] = set()
    dates: set[int] = set()
    weeks: set[tuple[int, int]] = set()
    for part in text.lower().split(","):
        words = part.replace("-", " - ").split()
        match words:
            case [week, day] if week in WEEKS and day in DAYS:
                weeks.add((0 if week == LAST else WEEKS.index(week) + 1, DAYS.index(day)))
            case [one] | [one, "-", _] if one in DAYS:
                weekdays |= read_weekdays(one, words[-1])
            case ["last"]:
                dates.add(0)
            case [one] | [one, "-", _] if one.isdecimal():
                dates |= read_dates(one, words[-1])
            case _:
                raise ValueError(EXPECTED)
    return Days(frozenset(weekdays), frozenset(dates), frozenset(weeks))


def read_weekdays(first: str, last: str) -> set[int]:
    """Both ends included; 'fri-mon' goes over the weekend."""
    if last not in DAYS:
        raise ValueError(EXPECTED)
    begin, end = DAYS.index(first), DAYS.index(last)
    return {day % 7 for day in range(begin, (end if end >= begin else end + 7) + 1)}


def read_dates(first: str, last: str) -> set[int]:
    """Both ends included; 31 holds in months that have it."""
    if not (last.isdecimal() and len(first) <= 2 and len(last) <= 2 and 1 <= int(first) <= int(last) <= 31):
        raise ValueError(EXPECTED)
    return set(range(int(first), int(last) + 1))


def read_zone(name: str) -> ZoneInfo:
    """The time zone; ValueError says what is expected."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("Zone: use a name such as UTC, Europe/Berlin or America/New_York.") from None
