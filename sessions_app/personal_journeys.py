"""What journeys hold about a person: whose they were, which sessions, which steps. A journey that others took part in
loses the person and their own sessions; its sums stay, which are the others' as well."""

from collections.abc import Iterable
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet

from diagnostics.models import Environment
from diagnostics.pipeline.journey_parts import SAID
from diagnostics.privacy.stores import Counts, Page, Store
from diagnostics.privacy.subject import Subject
from sessions_app.models import Journey

COLUMNS: Final = tuple(field.name for field in Journey._meta.fields if field.name not in ("id", "environment"))
PEOPLE: Final = """
SELECT DISTINCT key FROM sessions_app_journey, unnest(user_keys) AS key WHERE environment_id = %s ORDER BY key
"""


def theirs(subject: Subject) -> "QuerySet[Journey]":
    """Journeys that the person was on, nameless ones of their sessions, and those that others are known to have been on
    and that name a session which nobody else used: the person may have come without a name, or be one of too many."""
    rows = Journey.objects.filter(environment=subject.environment)
    if subject.until is not None:
        rows = rows.filter(started_at__lte=subject.until)
    named = Q(user_keys__overlap=list(subject.user_keys))
    if not subject.session_ids:
        return rows.filter(named)
    nameless = Q(user_keys=[], session_ids__overlap=list(subject.session_ids))
    return rows.filter(named | nameless | Q(session_ids__overlap=subject.own_sessions))


def count(subject: Subject) -> Counts:
    """How many there are."""
    return {"journeys": theirs(subject).count()}


def erase(subject: Subject, limit: int) -> Counts:
    """A slice of them."""
    found = list(theirs(subject).select_for_update().order_by("journey_id")[:limit])
    alone = [journey.pk for journey in found if is_alone(subject, journey)]
    Journey.objects.filter(pk__in=alone).delete()
    shared = [leave_out(subject, journey) for journey in found if not is_alone(subject, journey)]
    Journey.objects.bulk_update(shared, ["user_keys", "session_ids", "steps", "last_step"])
    return {"journeys": len(found)}


def is_alone(subject: Subject, journey: Journey) -> bool:
    """Whether nobody else is known to have been on it."""
    if journey.user_keys:
        return set(journey.user_keys) <= set(subject.user_keys)
    return set(journey.session_ids) <= set(subject.session_ids)


def leave_out(subject: Subject, journey: Journey) -> Journey:
    """The journey without the person: of a nameless one all their sessions, else those that nobody else used. Steps that
    texts say may be the person's words; those with a name are the product's."""
    gone = set(subject.own_sessions if journey.user_keys else subject.session_ids)
    journey.user_keys = [key for key in journey.user_keys if key not in subject.user_keys]
    journey.session_ids = [name for name in journey.session_ids if name not in gone]
    journey.steps = {name: mark for name, mark in journey.steps.items() if mark[0] != SAID}
    journey.last_step = journey.last_step if journey.last_step and journey.last_step[0] else []
    return journey


def export(subject: Subject, cursor: str, limit: int) -> Page:
    """In the order in which they were first seen."""
    found = list(theirs(subject).filter(pk__gt=int(cursor or 0)).order_by("pk")[:limit])
    return Page([row_of(subject, item) for item in found], str(found[-1].pk) if len(found) == limit else "")


def row_of(subject: Subject, journey: Journey) -> dict[str, Any]:
    """The journey as it is stored; of one with others, only that the person was on it, and their own sessions."""
    own = [name for name in journey.session_ids if name in subject.own_sessions]
    if not is_alone(subject, journey) or (not journey.user_keys and len(own) < len(journey.session_ids)):
        return {"journey_id": journey.journey_id, "shared": True, "session_ids": own}
    row = {name: getattr(journey, name) for name in COLUMNS}
    return {name: value for name, value in row.items() if value not in (None, "", [], {})}


def people(environment: Environment) -> Iterable[str]:
    """Every pseudonym there is."""
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, [environment.pk])
        yield from (key for (key,) in cursor)


STORE: Final = Store("journeys", count, erase, export, people=people)
