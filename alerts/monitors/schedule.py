"""When a job is due: every so often ('every 15 minutes', '2h'), or by a cron line in a time zone.

When the clocks change: a time that is skipped (02:30 on a spring night) is due when the clocks have jumped, and one that
comes twice is due the first time alone. A line whose hour is `*` goes by real time: it is due as often as ever in both.
Intervals are real time, too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from alerts.hours import read_zone
from alerts.monitors.cron import CronLine, parse_cron

INTERVAL: Final = re.compile(r"(?:every\s+)?(\d{1,6})?\s*(m|min|minutes?|h|hours?|d|days?)")
UNITS: Final = {"m": ("minute", 1), "h": ("hour", 60), "d": ("day", 1440)}
MOST_MINUTES: Final = 366 * 1440
LOOK_AHEAD: Final = (
    41 * 366
)  # days: a 29th of February that is a Sunday may be 40 years off, any other day that there is 12
MINUTE: Final = timedelta(minutes=1)
CHANGE: Final = timedelta(hours=3)  # clocks are changed by less
EXPECTED: Final = (
    "Say how often ('every 15 minutes', '2h', '1d'), or write a cron line ('0 2 * * *' is each day at 02:00)."
)


class Schedule(Protocol):
    """What both kinds can tell."""

    @property
    def text(self) -> str:
        """As it is stored."""
        ...

    def next_after(self, moment: datetime) -> datetime:
        """The first time that it is due after this moment, in UTC."""
        ...

    def say(self) -> str:
        """In words."""
        ...


@dataclass(frozen=True, slots=True)
class Interval:
    """Every so many minutes."""

    minutes: int

    @property
    def text(self) -> str:
        """In the largest unit that says it exactly: '90m', '2h', '1d'."""
        unit = next(unit for unit in ("d", "h", "m") if self.minutes % UNITS[unit][1] == 0)
        return f"{self.minutes // UNITS[unit][1]}{unit}"

    def next_after(self, moment: datetime) -> datetime:
        """So long after it."""
        return moment + timedelta(minutes=self.minutes)

    def say(self) -> str:
        """'every 2 hours', 'every minute'."""
        number, unit = int(self.text[:-1]), UNITS[self.text[-1]][0]
        return f"every {unit}" if number == 1 else f"every {number:,} {unit}s"


@dataclass(frozen=True, slots=True)
class Cron:
    """By the clock of a time zone."""

    line: CronLine
    zone: ZoneInfo

    @property
    def text(self) -> str:
        """The five fields."""
        return self.line.text

    def next_after(self, moment: datetime) -> datetime:
        """The first fitting minute after it."""
        wall = moment.astimezone(self.zone).replace(tzinfo=None)
        best: datetime | None = None
        until = datetime.max
        for local in self.walls_from(wall - CHANGE):
            if local > until:
                break
            for one in self.moments_of(local.replace(tzinfo=self.zone)):
                if one > moment and (best is None or one < best):
                    best, until = one, min(until, local + CHANGE)
        if best is None:
            raise ValueError("It is never due.")
        return best

    def walls_from(self, wall: datetime) -> Iterator[datetime]:
        """Fitting times on the wall, in their order."""
        for ahead in range(LOOK_AHEAD):
            day = wall.date() + timedelta(days=ahead)
            if self.line.has_day(day):
                times = (time(hour, minute) for hour in self.line.hours for minute in self.line.minutes)
                yield from (local for one in times if (local := datetime.combine(day, one)) >= wall)

    def moments_of(self, local: datetime) -> Iterator[datetime]:
        """When the wall clock shows this: once; twice or never when clocks are changed."""
        first, second = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        if first.astimezone(self.zone).replace(tzinfo=None) != local.replace(tzinfo=None):  # it is skipped
            if not self.line.is_hourly:
                yield jump_between(second, first, self.zone)
            return
        yield first
        if second != first and self.line.is_hourly:
            yield second

    def say(self) -> str:
        """'0 2 * * * (Europe/Berlin)'."""
        return f"{self.line.text} ({self.zone.key})"


def jump_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The minute in which the clocks of a zone jump; both moments are in UTC."""
    early = before.astimezone(zone).utcoffset()
    while after - before > MINUTE:
        middle = before + ((after - before) // 2 // MINUTE) * MINUTE
        if middle.astimezone(zone).utcoffset() == early:
            before = middle
        else:
            after = middle
    return after


@lru_cache(maxsize=2_000)
def parse_schedule(text: str, zone: str = "UTC") -> Schedule:
    """The schedule, or ValueError that says what is wrong and what to write."""
    text = text.strip()
    if not text:
        raise ValueError(EXPECTED)
    match = INTERVAL.fullmatch(text.lower())
    if match is not None:
        minutes = int(match[1] or 1) * UNITS[match[2][0]][1]
        if not 1 <= minutes <= MOST_MINUTES:
            raise ValueError("A job is due at most every minute, and at least once in 366 days.")
        return Interval(minutes)
    if not text.startswith("@") and len(text.split()) == 1:
        raise ValueError(EXPECTED)
    return Cron(parse_cron(text), read_zone(zone))


def upcoming(schedule: Schedule, after: datetime, count: int) -> list[datetime]:
    """The next times that it is due."""

    def go_on() -> Iterator[datetime]:
        moment = after
        while True:
            moment = schedule.next_after(moment)
            yield moment

    return list(islice(go_on(), count))
