"""Services that have a week of history, the busiest first. One statement over the sums."""

from datetime import timedelta
from typing import Final

from django.db.models import Count, Max, Min, Sum

from alerts.evaluation.history import moment_of, number_of
from alerts.suggestions.found import WEEK
from diagnostics.core import clock
from diagnostics.models import Environment, MinuteRollup

MOST: Final = 30  # services of an environment that are looked at in a day
MOST_ROWS: Final = 300_000  # of one service in the week: some 17 µs each to read, and a slice has a minute
LEAST_MINUTES: Final = 1_000  # of the week in which it was heard of
LATE: Final = 60  # minutes after the week's beginning at which the environment's first sums may be
FIRST_DAY: Final = timedelta(days=1)
LONGEST_NAME: Final = 200


def services_with_history(environment: Environment) -> list[str]:
    """Heard of in the first day of the week and in the last one, and in enough minutes between."""
    now = clock.now()
    since = moment_of(number_of(now) - WEEK)
    week = MinuteRollup.objects.filter(environment=environment, minute__gte=since)
    heard = (
        week.exclude(service_name="")
        .values("service_name")
        .annotate(
            minutes=Count("minute", distinct=True),
            first=Min("minute"),
            last=Max("minute"),
            size=Sum("records"),
            rows=Count("pk"),
        )
        .filter(minutes__gte=LEAST_MINUTES, first__lt=since + FIRST_DAY, last__gte=now - FIRST_DAY, rows__lte=MOST_ROWS)
        .order_by("-size", "service_name")
    )
    names = [row["service_name"] for row in heard[:MOST]]
    return [name for name in names if len(name) <= LONGEST_NAME]


def has_a_week(environment: Environment) -> bool:
    """Whether the sums reach back so far."""
    first = first_sums(environment)
    return first is not None and first <= number_of(clock.now()) - WEEK + LATE


def first_sums(environment: Environment) -> int | None:
    """The oldest minute that there is."""
    oldest = MinuteRollup.objects.filter(environment=environment).aggregate(oldest=Min("minute"))["oldest"]
    return None if oldest is None else number_of(oldest)
