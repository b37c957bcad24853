"""Views that name a person or a session: they take part in exports and erasures, and go when what they found is gone."""

from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from diagnostics.models import Environment, SavedView
from diagnostics.privacy.stores.registry import Counts, Page, Store
from diagnostics.privacy.subject import Subject
from diagnostics.storage.expiring import delete_some

VIEWS: Final = "saved views"


def theirs(subject: Subject, *sessions: str) -> "QuerySet[SavedView]":
    """Views that name the person, or one of the sessions."""
    rows = SavedView.objects.filter(environment=subject.environment)
    if subject.until is not None:
        rows = rows.filter(changed_at__lte=subject.until)
    return rows.filter(about__has_any_keys=[*subject.user_keys, *sessions])


def count(subject: Subject) -> Counts:
    """How many there are."""
    found = theirs(subject, *subject.session_ids).count()
    return {VIEWS: found} if found else {}


def erase(subject: Subject, limit: int) -> Counts:
    """A slice of them, whosever they are and whether or not they are shared."""
    found = list(theirs(subject, *subject.session_ids).values_list("pk", flat=True)[:limit])
    SavedView.objects.filter(pk__in=found).delete()
    return {VIEWS: len(found)} if found else {}


def export(subject: Subject, cursor: str, limit: int) -> Page:
    """What was searched for; not by whom."""
    rows = theirs(subject, *subject.own_sessions).filter(pk__gt=int(cursor or 0)).order_by("pk")
    found = list(rows[:limit])
    return Page([row_of(view) for view in found], str(found[-1].pk) if len(found) == limit else "")


def row_of(view: SavedView) -> dict[str, Any]:
    """The view as it is stored."""
    return {"page": view.page, "name": view.name, "search": view.params, "changed_at": view.changed_at}


def expire_views(environment: Environment, before: datetime) -> bool:
    """Those that name somebody and were not changed since: the records that they could find are gone."""
    rows = SavedView.objects.filter(environment=environment, changed_at__lt=before)
    return delete_some(rows.exclude(about=[]))


STORE: Final = Store("saved views", count, erase, export)
