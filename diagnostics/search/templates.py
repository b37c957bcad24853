"""What detection and pages read of templates: their rows and their minutes, never a record."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from diagnostics.digest.rollups import moment_of
from diagnostics.models import Environment, Template, TemplateHour

HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)
COUNTS: Final = """
SELECT template_id, (extract(epoch FROM hour) / 60 + place - 1)::int AS at, records
FROM diagnostics_template_hour, unnest(minutes) WITH ORDINALITY AS minute (records, place)
WHERE environment_id = %s AND hour > %s - interval '1 hour' AND hour < %s AND template_id = ANY(%s) AND records > 0
    AND hour + (place - 1) * interval '1 minute' >= %s AND hour + (place - 1) * interval '1 minute' < %s
ORDER BY at
"""


@dataclass(frozen=True, slots=True)
class TemplateMinutes:
    """One template's records, minute by minute: `minutes[0]` is the minute of `since`, zero where there were none."""

    template: Template
    minutes: list[int]


def read_template_minutes(
    environment: Environment | int,
    since: datetime,
    until: datetime,
    *,
    service: str = "",
    templates: Collection[int] = (),
) -> list[TemplateMinutes]:
    """Minute counts in [since, until) of the templates that had any: the series of frequency surges.

    `since` is taken to the start of its minute. `service` and `templates` (ids) narrow down; empty means all. Two
    statements, over at most 5,000 templates an environment; the order is by id. A template's row tells service_name,
    text, severity_number, first_seen, created_at and `reference`, its id in addresses and in the query line.
    """
    start = since.replace(second=0, microsecond=0)
    found = {template.template_id: template for template in live_templates(environment, service, templates)}
    hours = TemplateHour.objects.filter(
        environment=environment, hour__gt=start - HOUR, hour__lt=until, template_id__in=list(found)
    )
    length = -(-(until - start) // MINUTE)
    series: dict[int, list[int]] = {}
    for number, hour, counts in hours.values_list("template_id", "hour", "minutes"):
        minutes = series.setdefault(number, [0] * length)
        place = (hour - start) // MINUTE
        for position, count in enumerate(counts, place):
            if 0 <= position < length:
                minutes[position] += count
    return [TemplateMinutes(found[number], series[number]) for number in sorted(series) if any(series[number])]


def templates_new_since(
    environment: Environment | int, since: datetime, *, service: str = "", lowest_severity: int = 1
) -> list[Template]:
    """Templates of which the first record was digested at or after `since`, the oldest first.

    By our clock (`created_at`), so that late records cannot slip in behind a watermark; `first_seen` is the records'
    own. `records` is how many there were until now, `severity_number` the worst of them. For "at least 5 lines in 10
    minutes" ask read_template_minutes with the ids. One statement.
    """
    rows = live_templates(environment, service).filter(created_at__gte=since, severity_number__gte=lowest_severity)
    return list(rows.exclude(text="").order_by("created_at", "first_seen", "template_id"))


def live_templates(
    environment: Environment | int, service: str = "", templates: Collection[int] = ()
) -> "QuerySet[Template]":
    """Rows that are templates of their own, not names of what was joined."""
    rows = Template.objects.filter(environment=environment, merged_into=None)
    if service:
        rows = rows.filter(service_name=service)
    return rows.filter(template_id__in=list(templates)) if templates else rows


def read_counts(
    environment_id: int, since: int, until: int, templates: Collection[int]
) -> Iterator[tuple[int, int, int]]:
    """(template, minute, records) of the minutes in [since, until) in which these templates came; minutes since 1970."""
    if not templates:
        return
    first, last = moment_of(since), moment_of(until)
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [environment_id, first, last, list(templates), first, last])
        yield from cursor.fetchall()
