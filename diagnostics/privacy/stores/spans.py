"""Spans."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet

from diagnostics.models import Environment, Span
from diagnostics.privacy.stores.records import THEIRS, after, is_theirs
from diagnostics.privacy.stores.registry import Counts, Page, Store
from diagnostics.privacy.subject import MOST_SESSIONS, Subject

ERASE: Final = f"""
WITH found AS (
    SELECT environment_id, "timestamp", id FROM diagnostics_span
    WHERE {THEIRS} AND (%s::timestamptz IS NULL OR "timestamp" <= %s) LIMIT %s
)
DELETE FROM diagnostics_span AS span USING found
WHERE span.environment_id = found.environment_id AND span."timestamp" = found."timestamp" AND span.id = found.id
"""  # noqa: S608  a constant of another module
COLUMNS: Final = tuple(field.name for field in Span._meta.fields if field.name not in ("environment_id", "batch_id"))


def theirs(subject: Subject, session_ids: Sequence[str]) -> "QuerySet[Span]":
    """Spans that name the person, and those of the sessions given that name nobody."""
    rows = Span.objects.filter(environment_id=subject.environment.pk)
    return rows.filter(is_theirs(subject, session_ids))


def count(subject: Subject) -> Counts:
    """How many there are."""
    rows = theirs(subject, subject.session_ids)
    return {"spans": (rows.filter(timestamp__lte=subject.until) if subject.until else rows).count()}


def erase(subject: Subject, limit: int) -> Counts:
    """A slice of them."""
    keys, session_ids = list(subject.user_keys), list(subject.session_ids)
    with connection.cursor() as cursor:
        cursor.execute(ERASE, [subject.environment.pk, keys, session_ids, subject.until, subject.until, limit])
        return {"spans": cursor.rowcount}


def export(subject: Subject, cursor: str, limit: int) -> Page:
    """In order of time."""
    found = list(after(theirs(subject, subject.own_sessions), cursor).order_by("timestamp", "id")[:limit])
    return Page(
        [row_of(span) for span in found],
        f"{found[-1].timestamp.isoformat()} {found[-1].pk}" if len(found) == limit else "",
    )


def row_of(span: Span) -> dict[str, Any]:
    """The span as it is stored."""
    row = {name: getattr(span, name) for name in COLUMNS}
    return {name: value for name, value in row.items() if value not in (None, "", {}, [])}


def sessions(subject: Subject) -> Iterable[str]:
    """Session ids that the person's spans carry."""
    rows = Span.objects.filter(environment_id=subject.environment.pk, user_key__in=subject.user_keys)
    return rows.exclude(session_id="").values_list("session_id", flat=True).distinct()[:MOST_SESSIONS]


def people(environment: Environment) -> Iterable[str]:
    """Every pseudonym there is."""
    rows = Span.objects.filter(environment_id=environment.pk).exclude(user_key="")
    return rows.order_by("user_key").values_list("user_key", flat=True).distinct().iterator()


STORE: Final = Store("spans", count, erase, export, sessions, people)
