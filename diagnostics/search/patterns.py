"""What the patterns pages show: templates of an environment with how often each came in some time.

Read from the rows of templates and their hours. Up to six hours the count is to the minute, beyond to the hour.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Max

from diagnostics.core import clock
from diagnostics.models import Environment, Event, Template
from diagnostics.search.golden import floor, step_for
from diagnostics.search.templates import live_templates

BY_MINUTE: Final = timedelta(hours=6)
FRESH: Final = timedelta(days=1)
COUNT: Final = """
SELECT template_id, sum(total) FROM diagnostics_template_hour
WHERE environment_id = %s AND hour >= %s AND hour < %s GROUP BY 1
"""
COUNT_MINUTES: Final = """
SELECT template_id, sum(records) FROM diagnostics_template_hour, unnest(minutes) WITH ORDINALITY AS minute (records, place)
WHERE environment_id = %s AND hour > %s - interval '1 hour' AND hour < %s AND records > 0
    AND hour + (place - 1) * interval '1 minute' >= %s AND hour + (place - 1) * interval '1 minute' < %s
GROUP BY 1
"""
SERIES: Final = """
SELECT template_id, date_bin(%s::interval, hour + (place - 1) * interval '1 minute', 'epoch') AS bucket, sum(records)
FROM diagnostics_template_hour, unnest(minutes) WITH ORDINALITY AS minute (records, place)
WHERE environment_id = %s AND hour > %s - interval '1 hour' AND hour < %s AND records > 0 AND template_id = ANY(%s)
GROUP BY 1, 2
"""


@dataclass(slots=True)
class Span:
    """The time that is shown, in steps."""

    since: datetime
    until: datetime
    step: timedelta
    times: list[datetime]


@dataclass(slots=True)
class Pattern:
    """A template and what it did in the time shown."""

    template: Template
    records: int
    share: float
    is_new_today: bool
    deployed: datetime | None  # the deploy of its service that it is newer than
    counts: list[int] = field(default_factory=list)


def span_of(since: datetime, until: datetime, *, coarse: bool = False) -> Span:
    """Steps of at least an hour beyond six hours; `coarse` ones for a sparkline are not finer than a sixtieth."""
    length = until - since
    step = step_for(length * 2 if coarse else length)
    step = step if length <= BY_MINUTE else max(step, timedelta(hours=1))
    start = floor(since, step)
    return Span(since, until, step, [start + step * number for number in range(max(1, -(-(until - start) // step)))])


def read_counts(environment: Environment, since: datetime, until: datetime) -> dict[int, int]:
    """Records of each template in [since, until)."""
    if until - since <= BY_MINUTE:
        parameters: list[Any] = [environment.pk, since, until, since, until]
        return dict(fetch(COUNT_MINUTES, parameters))
    return dict(fetch(COUNT, [environment.pk, floor(since, timedelta(hours=1)), until]))


def read_series(environment: Environment, span: Span, templates: Collection[int]) -> dict[int, list[int]]:
    """Records of some templates in each step."""
    place = {moment: number for number, moment in enumerate(span.times)}
    series = {number: [0] * len(span.times) for number in templates}
    rows = fetch(SERIES, [span.step, environment.pk, span.times[0], span.until, list(templates)]) if templates else []
    for number, bucket, records in rows:
        if bucket in place:
            series[number][place[bucket]] += int(records)
    return series


def fetch(statement: str, parameters: list[Any] | dict[str, Any]) -> list[Any]:
    """All rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def read_patterns(environment: Environment, since: datetime, until: datetime) -> list[Pattern]:
    """The templates that came in this time, the most frequent first."""
    counts = read_counts(environment, since, until)
    deploys = last_deploys(environment)
    today = clock.now() - FRESH
    rows = live_templates(environment).exclude(text="")
    found = [(template, int(counts.get(template.template_id, 0))) for template in rows]
    total = sum(records for _, records in found) or 1
    patterns = [judge(template, records, records / total, today, deploys) for template, records in found if records]
    return sorted(patterns, key=lambda pattern: (-pattern.records, pattern.template.template_id))


def judge(template: Template, records: int, share: float, today: datetime, deploys: dict[str, datetime]) -> Pattern:
    """Whether it is new, and since what."""
    deployed = deploys.get(template.service_name)
    is_newer = deployed is not None and template.first_seen >= deployed
    return Pattern(template, records, share, template.first_seen >= today, deployed if is_newer else None)


def last_deploys(environment: Environment) -> dict[str, datetime]:
    """When each service was last deployed; the first release that it was ever seen with is no deploy."""
    rows = Event.objects.filter(environment=environment, kind=Event.Kind.DEPLOY).changes().order_by()
    return dict(rows.values("service_name").annotate(last=Max("timestamp")).values_list("service_name", "last"))


def fill_counts(environment: Environment, span: Span, patterns: Collection[Pattern]) -> None:
    """Fill in the counts of the patterns that are shown."""
    series = read_series(environment, span, [pattern.template.template_id for pattern in patterns])
    for pattern in patterns:
        pattern.counts = series[pattern.template.template_id]
