"""How often each template came: added to its row and to its hours."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from django.db import connection

from diagnostics.core import clock
from diagnostics.detection.templates.catalogue import OTHER_SERVICES, TEMPLATES
from diagnostics.detection.templates.ids import OTHER, VERSION, number_of
from diagnostics.digest.rollups import moment_of
from diagnostics.digest.templates.move import ADD
from diagnostics.models import Template

MINUTES: Final = 60
SUMS: Final = f"""
INSERT INTO diagnostics_template AS stored
    (environment_id, template_id, version, service_name, text, severity_number, records, first_seen, last_seen,
     created_at, changed_at, releases, is_joined, is_news)
SELECT %s, template_id, %s, service_name, text, severity_number, records, first_seen, last_seen, %s, %s, releases, false, true
FROM json_to_recordset(%s::json) AS rows (
    template_id bigint, service_name text, text text, severity_number int, records int, first_seen timestamptz,
    last_seen timestamptz, releases jsonb
)
ON CONFLICT (environment_id, template_id) DO UPDATE SET
    severity_number = GREATEST(stored.severity_number, excluded.severity_number),
    records = stored.records + excluded.records,
    first_seen = CASE WHEN stored.records = 0 THEN excluded.first_seen
                      ELSE LEAST(stored.first_seen, excluded.first_seen) END,
    last_seen = CASE WHEN stored.records = 0 THEN excluded.last_seen
                     ELSE GREATEST(stored.last_seen, excluded.last_seen) END,
    releases = (
        SELECT coalesce(jsonb_object_agg(name, at), '{{}}') FROM (
            SELECT name, max(at::bigint) AS at
            FROM (SELECT * FROM jsonb_each_text(stored.releases) UNION ALL SELECT * FROM jsonb_each_text(excluded.releases))
                AS both_sides (name, at)
            GROUP BY name ORDER BY 2 DESC LIMIT {Template.RELEASES_KEPT}
        ) AS newest
    )
"""  # noqa: S608  a number of ours
HOURS: Final = f"""
INSERT INTO diagnostics_template_hour AS stored (environment_id, template_id, hour, minutes, total)
SELECT %s, template_id, hour, minutes, total
FROM json_to_recordset(%s::json) AS rows (template_id bigint, hour timestamptz, minutes int[], total int)
ON CONFLICT (environment_id, template_id, hour) DO UPDATE SET {ADD}
"""  # noqa: S608  a text of another module


@dataclass(slots=True)
class Tally:
    """What batches say of one template."""

    service: str
    severity: int = 0
    records: int = 0
    first: int = 1 << 62  # minutes since 1970
    last: int = 0
    releases: dict[str, int] = field(default_factory=dict)
    hours: dict[int, list[int]] = field(default_factory=dict)

    def add(self, minute: int, release: str, severity: int, records: int) -> None:
        """One row of a batch."""
        self.severity = max(self.severity, severity)
        self.records += records
        self.first, self.last = min(self.first, minute), max(self.last, minute)
        if release:
            self.releases[release] = max(self.releases.get(release, 0), minute)
        hour, place = divmod(minute, MINUTES)
        self.hours.setdefault(hour, [0] * MINUTES)[place] += records


def add_counts(environment_id: int, rows: Iterable[list[Any]]) -> None:
    """Add up, find under which template each is counted by now, and store."""
    rows = list(rows)
    roots = find_roots(environment_id, {row[0]: row[3] for row in rows})
    tallies: dict[int, Tally] = {}
    for number, minute, release, service, severity, records in rows:
        root = roots[number]
        tallies.setdefault(root, Tally(service)).add(minute, release, severity, records)
    now = clock.now()
    ordered = sorted(tallies.items())
    sums = orjson.dumps([sums_of(number, tally) for number, tally in ordered]).decode()
    hours = orjson.dumps([row for number, tally in ordered for row in hours_of(number, tally)]).decode()
    with connection.cursor() as cursor:
        cursor.execute(SUMS, [environment_id, VERSION, now, now, sums])
        cursor.execute(HOURS, [environment_id, hours])


def find_roots(environment_id: int, services: dict[int, str]) -> dict[int, int]:
    """Under which template each is counted: itself, the one it was joined to, or its service's `other`.

    One whose text is still under way in a later batch gets a row without; where there is no room, it is `other`.
    """
    rows = Template.objects.filter(environment_id=environment_id)
    found = dict(rows.filter(template_id__in=services).values_list("template_id", "merged_into"))
    room = TEMPLATES - rows.count() if len(found) < len(services) else 0
    roots = {}
    for number, service in services.items():
        others = (number_of(service, OTHER), number_of(OTHER_SERVICES, OTHER))
        if number in found:
            roots[number] = found[number] or number
        elif number in others or room > 0:
            roots[number] = number
            room -= 1
        else:
            roots[number] = others[0]
    return roots


def sums_of(number: int, tally: Tally) -> dict[str, Any]:
    """A template's part as a row of the statement."""
    is_other = number in (number_of(tally.service, OTHER), number_of(OTHER_SERVICES, OTHER))
    return {
        "template_id": number,
        "service_name": OTHER_SERVICES if number == number_of(OTHER_SERVICES, OTHER) else tally.service,
        "text": OTHER if is_other else "",
        "severity_number": tally.severity,
        "records": tally.records,
        "first_seen": moment_of(tally.first),
        "last_seen": moment_of(tally.last),
        "releases": tally.releases,
    }


def hours_of(number: int, tally: Tally) -> list[dict[str, Any]]:
    """A template's hours as rows of the statement."""
    return [
        {
            "template_id": number,
            "hour": moment_of(hour * MINUTES),
            "minutes": minutes,
            "total": sum(minutes),
        }
        for hour, minutes in sorted(tally.hours.items())
    ]
