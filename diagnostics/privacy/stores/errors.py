"""Words of errors that one person's records alone have had: they may be the person's own, as with templates.

The error stays, by its fingerprint and with its counts; the words come back with the next record of somebody else.
"""

from typing import Any, Final

from django.db import connection

from diagnostics.core import severity
from diagnostics.digest.errors import unsay
from diagnostics.models import ErrorGroup
from diagnostics.privacy.stores.records import THEIRS
from diagnostics.privacy.stores.registry import Counts, Store
from diagnostics.privacy.subject import Subject

TEXTS: Final = "error texts"
# Only errors have a fingerprint, and an index of their own.
ONLY_THEIRS: Final = f"""
SELECT fingerprint FROM diagnostics_log
WHERE environment_id = %s AND severity_number >= {severity.ERROR} AND fingerprint IN (
    SELECT DISTINCT fingerprint FROM diagnostics_log WHERE {THEIRS} AND fingerprint <> ''
)
GROUP BY fingerprint
HAVING bool_and({THEIRS} AND (%s::timestamptz IS NULL OR observed_timestamp <= %s))
"""  # noqa: S608  a constant of another module


def find(subject: Subject) -> list[ErrorGroup]:
    """The errors whose words are to go."""
    number = subject.environment.pk
    theirs: list[Any] = [number, list(subject.user_keys), list(subject.session_ids)]
    with connection.cursor() as cursor:
        cursor.execute(ONLY_THEIRS, [number, *theirs, *theirs, subject.until, subject.until])
        found = [fingerprint for (fingerprint,) in cursor.fetchall()]
    rows = ErrorGroup.objects.filter(environment=subject.environment, fingerprint__in=found)
    return list(rows.exclude(title=""))


def count(subject: Subject) -> Counts:
    """How many there are."""
    found = find(subject)
    return {TEXTS: len(found)} if found else {}


def erase(subject: Subject, limit: int) -> Counts:
    """The words alone."""
    found = [group.pk for group in find(subject)[:limit]]
    if not found:
        return {}
    return {TEXTS: unsay(found)}


STORE: Final = Store("errors", count, erase)
