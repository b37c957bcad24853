"""Moves the counts of a template to the one that it was joined to."""

from typing import Final

from django.db import connection

from diagnostics.models import Template, TemplateHour

ADD: Final = """
    minutes = (
        SELECT array_agg(a + b ORDER BY place)
        FROM unnest(stored.minutes, excluded.minutes) WITH ORDINALITY AS pair (a, b, place)
    ),
    total = stored.total + excluded.total
"""
MOVE_HOURS: Final = f"""
INSERT INTO diagnostics_template_hour AS stored (environment_id, template_id, hour, minutes, total)
SELECT environment_id, %s, hour, minutes, total FROM diagnostics_template_hour
WHERE environment_id = %s AND template_id = %s
ON CONFLICT (environment_id, template_id, hour) DO UPDATE SET {ADD}
"""  # noqa: S608  a text of this module
MOVE_SUMS: Final = """
UPDATE diagnostics_template AS root SET
    records = root.records + old.records,
    severity_number = GREATEST(root.severity_number, old.severity_number),
    first_seen = LEAST(root.first_seen, old.first_seen),
    last_seen = GREATEST(root.last_seen, old.last_seen),
    releases = old.releases || root.releases
FROM diagnostics_template AS old
WHERE root.environment_id = %s AND root.template_id = %s
    AND old.environment_id = root.environment_id AND old.template_id = %s AND old.records > 0
"""


def move_counts(environment_id: int, number: int, root: int) -> None:
    """From `number` to `root`; also what had been joined to `number` before."""
    with connection.cursor() as cursor:
        cursor.execute(MOVE_HOURS, [root, environment_id, number])
        cursor.execute(MOVE_SUMS, [environment_id, root, number])
    rows = Template.objects.filter(environment_id=environment_id)
    rows.filter(template_id=number).update(records=0)
    rows.filter(merged_into=number).update(merged_into=root)
    TemplateHour.objects.filter(environment_id=environment_id, template_id=number).delete()
