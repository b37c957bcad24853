"""What one person's records alone carry: ids of patterns, fingerprints of errors.

Whether others carry it too is asked of all records, for some seconds. Where there are too many, what is known of the
pattern or error decides: how often it came at all. That keeps a text that somebody whose records are gone had said, too.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.db import OperationalError, connection

from diagnostics.privacy.stores.records import THEIRS
from diagnostics.privacy.subject import Subject
from diagnostics.storage.timeouts import time_limit, was_stopped

SECONDS: Final = 5.0  # of one statement: pages ask for counts, and a slice of a job must come to its end
BY_THEM: Final = f"({THEIRS} AND (%s::timestamptz IS NULL OR observed_timestamp <= %s))"
COUNT: Final = f"SELECT {{column}}, count(*) FROM diagnostics_log WHERE {BY_THEM} AND {{given}} GROUP BY {{column}}"  # noqa: S608
SHARED: Final = f"""
SELECT {{column}} FROM diagnostics_log
WHERE environment_id = %s AND {{given}} AND {{column}} = ANY(%s)
GROUP BY {{column}} HAVING NOT bool_and({BY_THEM})
"""  # noqa: S608  a constant of another module

Totals = Callable[[Iterable[Any]], Mapping[Any, int]]  # how often each came at all, as far as is known


def carried_alone(subject: Subject, column: str, given: str, totals: Totals) -> list[Any]:
    """Values of the column that nobody else's records have; `given` says which records have one, in SQL of ours."""
    by_them: list[Any] = [
        subject.environment.pk, list(subject.user_keys), list(subject.session_ids), subject.until, subject.until,
    ]  # fmt: skip
    counts = dict(run(COUNT.format(column=column, given=given), by_them))
    if not counts:
        return []
    asked = [subject.environment.pk, list(counts), *by_them]
    try:
        with time_limit(SECONDS):
            shared = {value for (value,) in run(SHARED.format(column=column, given=given), asked)}
    except OperationalError as error:
        if not was_stopped(error):
            raise
        known = totals(counts)
        shared = {value for value, number in counts.items() if known.get(value, 0) > number}
    return [value for value in counts if value not in shared]


def run(statement: str, values: list[Any]) -> list[Any]:
    """Its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[Any] = cursor.fetchall()
        return found
