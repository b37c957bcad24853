"""The golden signals of an earlier time, beside those of now: is this what is usual at this hour of the week?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import caches

from diagnostics.models import Environment
from diagnostics.search.golden import Golden, read_golden

# How far back, what that is called, and the longest time that it says something about.
BACK: Final = (
    (timedelta(days=7), "a week before", timedelta(days=7)),
    (timedelta(days=1), "the day before", timedelta(days=1)),
)
KEPT: Final = 600  # seconds: what has been changes no more, but for records that come in late


@dataclass(frozen=True, slots=True)
class Course:
    """One signal over a time: its figure, and its value in each step; None where nothing was measured."""

    figure: float | None
    values: list[float | None]


@dataclass(frozen=True, slots=True)
class Earlier:
    """The signals of as long a time, so much before; step by step beside those of now."""

    name: str
    courses: dict[str, Course]


def courses_of(golden: Golden) -> dict[str, Course]:
    """Requests a minute, failed requests as a fraction, and the p95 in milliseconds, by their names."""
    return {
        "requests": Course(golden.rate, golden.rates),
        "failed": Course(golden.total.failure_share, [step.failure_share for step in golden.steps]),
        "p95": Course(golden.total.p95, [step.p95 for step in golden.steps]),
    }


def read_earlier(environment: Environment, golden: Golden) -> Earlier | None:
    """The same time a week before; where nothing is known of it, the day before. None: neither is known."""
    for back, name, longest in BACK:
        if golden.until - golden.since - golden.step > longest:  # it begins with a whole step
            return None
        since, until = golden.since - back, golden.times[-1] + golden.step - back
        key = f"earlier:{environment.pk}:{since.timestamp():.0f}:{until.timestamp():.0f}"
        courses = caches["drawn"].get(key)
        if courses is None:
            courses = read_courses(environment, since, until)
            caches["drawn"].set(key, courses, KEPT)
        if courses:
            return Earlier(name, courses)
    return None


def read_courses(environment: Environment, since: datetime, until: datetime) -> dict[str, Course]:
    """Empty where no request came."""
    golden = read_golden(environment, since, until)
    return courses_of(golden) if golden.total.counts["requests"] else {}
