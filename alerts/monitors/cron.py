"""The five fields of a cron line: which minutes, hours, days, months and weekdays it means.

Lists, ranges, steps, names (`jan`, `mon`) and the usual short forms (`@daily`). Where both the day of the month and the
weekday are restricted, a day that fits either is meant, as in every cron.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

LONGEST: Final = 100  # characters
SHORT: Final = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
LONGEST_MONTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
PART: Final = re.compile(r"(?:(\*)|([a-z]{3}|\d{1,2})(?:-([a-z]{3}|\d{1,2}))?)(?:/(\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Field:
    """What one of the five is called, its limits and the names of its values."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


FIELDS: Final = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day of the month", 1, 31),
    Field("month", 1, 12, MONTHS),
    Field("weekday", 0, 7, WEEKDAYS),
)


@dataclass(frozen=True, slots=True)
class CronLine:
    """The values of each field, sorted. Weekdays as cron counts them: 0 is Sunday."""

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    is_hourly: bool  # the hour is `*` or `*/n`: it means real time passing, not a time on the clock
    either: bool  # a day that fits the day of the month or the weekday

    def has_day(self, day: date) -> bool:
        """Whether the day is meant."""
        if day.month not in self.months:
            return False
        by_date, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_date or by_weekday if self.either else by_date and by_weekday


def parse_cron(text: str) -> CronLine:
    """The line, or ValueError that names the field and the way out."""
    line = SHORT.get(text.strip().lower(), text.strip().lower())
    parts = line.split()
    if len(parts) != len(FIELDS) or len(line) > LONGEST:
        raise ValueError(
            "A cron line has five fields: minute, hour, day of the month, month, weekday (0 2 * * * is each day at 02:00)."
        )
    minutes, hours, days, months, weekdays = (read_field(*pair) for pair in zip(parts, FIELDS, strict=True))
    either = not parts[2].startswith("*") and not parts[4].startswith("*")
    if not either and not any(day <= LONGEST_MONTHS[month - 1] for day in days for month in months):
        raise ValueError("There is no such day in that month, so it would never be due.")
    return CronLine(
        " ".join(parts),
        tuple(sorted(minutes)),
        tuple(sorted(hours)),
        days,
        months,
        frozenset(day % 7 for day in weekdays),
        parts[1].startswith("*"),
        either,
    )


def read_field(text: str, field: Field) -> frozenset[int]:
    """All values that a field names."""
    found: set[int] = set()
    for part in text.split(","):
        match = PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{field.name}: {part[:20]!r} is not understood; use *, 5, 1-5, */10 or 1,15,30.")
        found.update(read_part(match, field))
    return frozenset(found)


def read_part(match: re.Match[str], field: Field) -> range:
    """One part of a list: everything, a value, or a range, each with a step."""
    star, first, last, step = match.groups()
    every = int(step) if step else 1
    if every < 1:
        raise ValueError(f"{field.name}: a step is at least 1.")
    if star:
        return range(field.low, min(field.high, 6 if field.name == "weekday" else field.high) + 1, every)
    begin = read_value(first, field)
    end = read_value(last, field) if last else field.high if step else begin
    if field.name == "weekday" and end < begin and end == 0:
        end = 7  # fri-sun
    if end < begin:
        raise ValueError(f"{field.name}: the range {first}-{last} ends before it begins.")
    return range(begin, end + 1, every)


def read_value(text: str, field: Field) -> int:
    """A number within the limits, or a name."""
    if text in field.names:
        return field.names.index(text) + field.low
    if not text.isdecimal():
        raise ValueError(f"{field.name}: there is no {text[:10]!r}.")
    number = int(text)
    if not field.low <= number <= field.high:
        raise ValueError(f"{field.name}: {number} is not from {field.low} to {field.high}.")
    return number
