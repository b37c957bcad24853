"""Texts of message templates that come from one person's records alone: they may be the person's own words.

A template that others' records share says what the program says, and stays. No example is kept with a template: pages
show a record, which erasure deletes.
"""

from typing import Any, Final

from django.db import connection

from diagnostics.core import clock
from diagnostics.models import Template
from diagnostics.privacy.stores.records import THEIRS
from diagnostics.privacy.stores.registry import Counts, Store
from diagnostics.privacy.subject import Subject

TEXTS: Final = "pattern texts"
ONLY_THEIRS: Final = f"""
SELECT template_id FROM diagnostics_log
WHERE environment_id = %s AND template_id IN (
    SELECT DISTINCT template_id FROM diagnostics_log WHERE {THEIRS} AND template_id IS NOT NULL
)
GROUP BY template_id
HAVING bool_and({THEIRS} AND (%s::timestamptz IS NULL OR observed_timestamp <= %s))
"""  # noqa: S608  a constant of another module


def find(subject: Subject) -> list[int]:
    """Ids of the templates to blank."""
    number = subject.environment.pk
    theirs: list[Any] = [number, list(subject.user_keys), list(subject.session_ids)]
    with connection.cursor() as cursor:
        cursor.execute(ONLY_THEIRS, [number, *theirs, *theirs, subject.until, subject.until])
        found = [template for (template,) in cursor.fetchall()]
    rows = Template.objects.filter(environment=subject.environment, template_id__in=found)
    return list(rows.exclude(text__in=("", Template.ERASED)).values_list("pk", flat=True))


def count(subject: Subject) -> Counts:
    """How many there are."""
    found = find(subject)
    return {TEXTS: len(found)} if found else {}


def erase(subject: Subject, limit: int) -> Counts:
    """The rows stay, for their counts; miners that run forget the texts within seconds."""
    found = find(subject)[:limit]
    if not found:
        return {}
    Template.objects.filter(pk__in=found).update(text=Template.ERASED, changed_at=clock.now())
    return {TEXTS: len(found)}


STORE: Final = Store("templates", count, erase)
