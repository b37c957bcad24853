"""Erasing what templates say of a person: a template that only their records have may be their words."""

from collections.abc import Collection
from typing import Final

from django.db import connection

from diagnostics.core import clock
from diagnostics.models import Environment, Template

THEIRS: Final = """
SELECT template_id FROM diagnostics_log
WHERE environment_id = %s AND template_id IN (
    SELECT DISTINCT template_id FROM diagnostics_log
    WHERE environment_id = %s AND user_key = ANY(%s) AND template_id IS NOT NULL
)
GROUP BY template_id HAVING bool_and(user_key = ANY(%s))
"""


def erase_templates_of(environment: Environment, user_keys: Collection[str]) -> int:
    """Blank the texts that came from these persons' records alone; returns how many. Call it while those still exist.

    The rows stay, for their counts; running miners forget the texts within seconds. Templates that others' records
    share say what the program says. No example is kept with a template: pages show a record, which erasure deletes.
    """
    keys = [key for key in user_keys if key]
    if not keys:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(THEIRS, [environment.pk, environment.pk, keys, keys])
        theirs = [number for (number,) in cursor.fetchall()]
    rows = Template.objects.filter(environment=environment, template_id__in=theirs).exclude(text=Template.ERASED)
    return rows.update(text=Template.ERASED, changed_at=clock.now())
