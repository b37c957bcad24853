"""Templates as rows: what the miners of all processes agree on."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import orjson
from django.db import connection
from django.db.models import Count, Max

from diagnostics.core import clock, severity
from diagnostics.detection.templates.catalogue import Known
from diagnostics.detection.templates.ids import VERSION
from diagnostics.models import Template

Revision = tuple[int, datetime | None]

UPSERT: Final = """
INSERT INTO diagnostics_template
    (environment_id, template_id, version, service_name, text, severity_number, records, first_seen, last_seen,
     created_at, changed_at, releases, merged_into, is_joined, is_news)
SELECT %s, template_id, %s, service_name, text, %s, 0, %s, %s, %s, %s, '{}', merged_into, is_joined, true
FROM json_to_recordset(%s::json)
    AS rows (template_id bigint, service_name text, text text, merged_into bigint, is_joined bool)
ON CONFLICT (environment_id, template_id) DO UPDATE SET
    text = excluded.text, merged_into = excluded.merged_into, is_joined = excluded.is_joined,
    changed_at = excluded.changed_at
"""


def read_revision(environment_id: int) -> Revision:
    """Differs whenever a template came, went, or says something else."""
    rows = Template.objects.filter(environment_id=environment_id, version=VERSION)
    found = rows.aggregate(number=Count("pk"), changed=Max("changed_at"))
    return found["number"], found["changed"]


def read_known(environment_id: int) -> list[Known]:
    """All templates of this version, the oldest first; those without a text, yet or any more, are nobody's knowledge."""
    rows = Template.objects.filter(environment_id=environment_id, version=VERSION)
    rows = rows.exclude(text__in=("", Template.ERASED)).order_by("pk")
    columns = rows.values_list("template_id", "service_name", "text", "merged_into", "is_joined")
    return [
        Known(number, service, tuple(text.split(" ")), merged_into, is_joined)
        for number, service, text, merged_into, is_joined in columns
    ]


def read_erased(environment_id: int) -> frozenset[int]:
    """Templates whose text must not come back: it was about a person who is erased."""
    rows = Template.objects.filter(environment_id=environment_id, version=VERSION, text=Template.ERASED)
    return frozenset(rows.values_list("template_id", flat=True))


def write_known(environment_id: int, templates: Iterable[Known]) -> None:
    """Store templates as they stand; their counts are another statement's business."""
    now = clock.now()
    rows = [
        {
            "template_id": known.number,
            "service_name": known.service,
            "text": " ".join(known.tokens),
            "merged_into": known.merged_into,
            "is_joined": known.is_joined,
        }
        for known in sorted(templates, key=lambda known: known.number)
    ]
    parameters: list[Any] = [
        environment_id,
        VERSION,
        severity.lowest_of("trace"),
        now,
        now,
        now,
        now,
        orjson.dumps(rows).decode(),
    ]
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, parameters)
