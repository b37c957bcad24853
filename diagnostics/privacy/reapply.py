"""The log of erasures, and doing them again after a backup was restored that still holds what was erased.

The log knows people by the hash of their pseudonym only. A restored database that still has a person's records has
their pseudonym in it, so the hash finds them again.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from diagnostics.models import Environment, PrivacyJob
from diagnostics.privacy.jobs import count_subject, request_job, run_to_end
from diagnostics.privacy.lookups import hash_subject
from diagnostics.privacy.stores import load_stores
from diagnostics.privacy.subject import Subject

Entry = dict[str, Any]


def read_log() -> Iterator[Entry]:
    """One entry an erasure: {environment, subjects, erased_at}."""
    jobs = PrivacyJob.objects.filter(kind=PrivacyJob.Kind.ERASE, state=PrivacyJob.State.DONE)
    for job in jobs.select_related("environment").order_by("requested_at"):
        moment = job.until or job.requested_at
        yield {"environment": job.environment.slug, "subjects": job.subject_hashes, "erased_at": moment.isoformat()}


def reapply(entries: Iterable[Entry]) -> list[PrivacyJob]:
    """Erase again what came before each erasure; the jobs that found something."""
    wanted: dict[str, dict[str, datetime]] = {}
    for entry in entries:
        moment = datetime.fromisoformat(entry["erased_at"])
        known = wanted.setdefault(entry["environment"], {})
        for subject in entry["subjects"]:
            known[subject] = max(moment, known.get(subject, moment))
    environments = Environment.objects.filter(slug__in=wanted)
    return [job for environment in environments for job in reapply_in(environment, wanted[environment.slug])]


def reapply_in(environment: Environment, erased: dict[str, datetime]) -> Iterator[PrivacyJob]:
    """One environment: each pseudonym in its stores whose hash was erased."""
    for key in sorted(pseudonyms_in(environment)):
        moment = erased.get(hash_subject(key))
        if moment is None:
            continue
        subject = Subject(environment, (key,), until=moment)
        expected = count_subject(subject)
        if any(expected.values()):
            yield run_to_end(request_job(PrivacyJob.Kind.ERASE, subject, None, expected))


def pseudonyms_in(environment: Environment) -> set[str]:
    """All of them."""
    return {key for store in load_stores().values() for key in store.people(environment)}
