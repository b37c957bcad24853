"""What sessions hold about a person: their sums, with region, device and services."""

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Q, QuerySet

from diagnostics.models import Environment
from diagnostics.privacy.stores import Counts, Page, Store
from diagnostics.privacy.subject import MOST_SESSIONS, Subject
from sessions_app.models import LogSession

COLUMNS: Final = tuple(field.name for field in LogSession._meta.fields if field.name not in ("id", "environment"))


def theirs(subject: Subject) -> "QuerySet[LogSession]":
    """Sessions whose user is the person, and nameless ones that their records belong to."""
    rows = LogSession.objects.filter(environment=subject.environment)
    if subject.until is not None:
        rows = rows.filter(started_at__lte=subject.until)
    return rows.filter(Q(user_key__in=subject.user_keys) | Q(user_key="", session_id__in=subject.session_ids))


def count(subject: Subject) -> Counts:
    """How many there are."""
    return {"sessions": theirs(subject).count()}


def erase(subject: Subject, limit: int) -> Counts:
    """A slice of them."""
    found = list(theirs(subject).values_list("pk", flat=True)[:limit])
    LogSession.objects.filter(pk__in=found).delete()
    return {"sessions": len(found)}


def export(subject: Subject, cursor: str, limit: int) -> Page:
    """In the order in which they were first seen."""
    rows = theirs(subject).exclude(session_id__in=subject.shared).filter(pk__gt=int(cursor or 0)).order_by("pk")
    found = list(rows[:limit])
    return Page([row_of(item) for item in found], str(found[-1].pk) if len(found) == limit else "")


def row_of(session: LogSession) -> dict[str, Any]:
    """The session as it is stored."""
    row = {name: getattr(session, name) for name in COLUMNS}
    return {name: value for name, value in row.items() if value not in (None, "", [])}


def sessions(subject: Subject) -> Iterable[str]:
    """Their ids, also of sessions whose records are gone."""
    rows = LogSession.objects.filter(environment=subject.environment, user_key__in=subject.user_keys)
    return rows.values_list("session_id", flat=True)[:MOST_SESSIONS]


def people(environment: Environment) -> Iterable[str]:
    """Every pseudonym there is."""
    rows = LogSession.objects.filter(environment=environment).exclude(user_key="")
    return rows.order_by("user_key").values_list("user_key", flat=True).distinct().iterator()


STORE: Final = Store("sessions", count, erase, export, sessions, people)
