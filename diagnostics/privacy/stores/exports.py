"""Exports of the person's data that wait to be fetched, or are being made: they would outlive what they were made of."""

from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Q, QuerySet

from diagnostics.core import clock
from diagnostics.models import ExportPart, PrivacyJob
from diagnostics.privacy.lookups import hash_subject
from diagnostics.privacy.stores.registry import Counts, Store
from diagnostics.privacy.subject import Subject

FILES: Final = "exports"
State = PrivacyJob.State


def theirs(subject: Subject) -> "QuerySet[PrivacyJob]":
    """Known by the hash of the pseudonym."""
    rows = PrivacyJob.objects.filter(
        environment=subject.environment,
        kind=PrivacyJob.Kind.EXPORT,
        state__in=(State.WAITING, State.RUNNING, State.DONE),
    )
    if subject.until is not None:
        rows = rows.filter(requested_at__lte=subject.until)
    hashes = [Q(subject_hashes__contains=[hash_subject(key)]) for key in subject.user_keys]
    return rows.filter(reduce(or_, hashes)) if hashes else rows.none()


def count(subject: Subject) -> Counts:
    """How many there are."""
    found = theirs(subject).count()
    return {FILES: found} if found else {}


def erase(subject: Subject, limit: int) -> Counts:
    """One that is being made is ended; who asked for it sees that it is over."""
    found = list(theirs(subject).select_for_update().values_list("pk", flat=True)[:limit])
    if not found:
        return {}
    ExportPart.objects.filter(job__in=found).delete()
    PrivacyJob.objects.filter(pk__in=found).update(
        state=State.EXPIRED, work={}, store="", expires_at=clock.now(), error="The person's data was erased."
    )
    return {FILES: len(found)}


STORE: Final = Store("exports", count, erase)
