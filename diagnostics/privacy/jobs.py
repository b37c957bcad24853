"""Requests about one person: asked for, and worked off slice by slice, so that a crash costs at most one slice.

A slice and the note that it is done are one transaction. Whoever works holds a lease; when it is over, another may go on.
"""

import logging
import time
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django_q.tasks import async_task

from diagnostics.core import clock
from diagnostics.core.access import Person, held_perms, scope_of
from diagnostics.digest.run import digest_all
from diagnostics.leases import is_free, take_lease
from diagnostics.models import IngestBatch, PrivacyJob
from diagnostics.privacy.audit import record_event
from diagnostics.privacy.export_file import EXPORT_DAYS, write_part
from diagnostics.privacy.lookups import hash_subject, named
from diagnostics.privacy.reveal import RESTRICTED_PERMS
from diagnostics.privacy.stores import Counts, Store, load_stores
from diagnostics.privacy.stores.records import shared_sessions
from diagnostics.privacy.subject import MOST_SESSIONS, Subject

logger = logging.getLogger(__name__)

SLICE: Final = 500  # rows of one transaction
MOST_ROWS: Final = 1_000_000  # of an export
LEASE: Final = timedelta(minutes=3)  # longer than the task queue's own time limit
TASK_SECONDS: Final = 25.0  # of one task; the rest is the next one's
POLL_SECONDS: Final = 0.2
MOST_FAILURES: Final = 5  # in a row; then a person must look
UNFINISHED: Final = (PrivacyJob.State.WAITING, PrivacyJob.State.RUNNING)


def count_subject(subject: Subject) -> Counts:
    """How many rows each store holds about the person."""
    gathered = gather(subject)
    found: Counts = {}
    for store in load_stores().values():
        found |= store.count(gathered)
    return found


def gather(subject: Subject) -> Subject:
    """The subject with the sessions that were theirs."""
    found: dict[str, None] = {}
    for store in load_stores().values():
        found.update(dict.fromkeys(store.sessions(subject)))
    session_ids = tuple(found)[:MOST_SESSIONS]
    shared = frozenset(shared_sessions(subject, session_ids)) if session_ids else frozenset()
    return Subject(subject.environment, subject.user_keys, session_ids, shared, subject.until, subject.perms)


def request_job(kind: str, subject: Subject, actor: Person | None, expected: Counts) -> PrivacyJob:
    """Write the request and its access event down, and ring for a worker."""
    known = actor if actor is not None and actor.is_authenticated else None
    with transaction.atomic():
        job = PrivacyJob.objects.create(
            environment=subject.environment,
            kind=kind,
            subject_hashes=[hash_subject(key) for key in subject.user_keys],
            work={"user_keys": list(subject.user_keys), **cut_of(known)},
            expected=expected,
            requested_by_id=known.pk if known else None,
            requested_by_name=known.get_username() if known else "command line",
            requested_at=clock.now(),
            until=subject.until,
        )
        note(job, actor, "request", expected=expected)
    return job


def cut_of(asker: Person | None) -> dict[str, list[str]]:
    """What the asker's token is cut down to, for the worker, who knows the person only; nothing without such a token."""
    perms = None if asker is None else scope_of(asker).perms
    return {} if perms is None else {"cut_to": sorted(perms)}


def ring(job: PrivacyJob) -> None:
    """Tell a worker; the sweep finds what no bell announced."""
    async_task("diagnostics.tasks.privacy_task", str(job.pk))


def note(job: PrivacyJob, actor: Person | None, what: str, **detail: Any) -> None:
    """The access event of a step; it names the job and the hash of each pseudonym, never the person."""
    record_event(actor, f"{job.kind}.{what}", f"job {job.pk}", job.environment, **named(job.subject_hashes), **detail)


def work_on(job_id: str, seconds: float = TASK_SECONDS) -> PrivacyJob | None:
    """Work on a job for so long; None when it is finished already or somebody else is at it."""
    job = claim(job_id)
    if job is None:
        return None
    deadline = time.monotonic() + seconds
    try:
        while not job.is_finished and is_settled(job, deadline) and time.monotonic() < deadline:
            with transaction.atomic():
                if not still_wanted(job):
                    return None
                advance(job)
    except Exception as error:  # whatever a store breaks: the job is kept, tried again, and says what was wrong
        logger.exception("privacy job %s failed", job.pk)
        return note_failure(job, error)
    PrivacyJob.objects.filter(pk=job.pk).update(leased_until=None)
    return job


def is_settled(job: PrivacyJob, deadline: float) -> bool:
    """Whether all that came before the request is digested: no batch may bring back a session that is gone. Outside the
    job's own transaction, so that its locks last no longer than any digest's."""
    if "session_ids" in job.work:
        return True
    waiting = IngestBatch.objects.filter(
        environment=job.environment, digested_at=None, received_at__lte=job.requested_at
    )
    digest_all(max(0.0, deadline - time.monotonic()))
    while waiting.exists():  # another worker has claimed them
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def still_wanted(job: PrivacyJob) -> bool:
    """Whether it was not ended meanwhile: an erasure of the person ends their exports. Nobody ends it within the slice."""
    return PrivacyJob.objects.select_for_update().filter(pk=job.pk, state__in=UNFINISHED).exists()


def claim(job_id: str) -> PrivacyJob | None:
    """Take the lease."""
    waiting = PrivacyJob.objects.filter(pk=job_id, state__in=UNFINISHED)
    if not take_lease(waiting, LEASE, state=PrivacyJob.State.RUNNING):
        return None
    return PrivacyJob.objects.select_related("environment", "requested_by").get(pk=job_id)


def note_failure(job: PrivacyJob, error: Exception) -> PrivacyJob:
    """Give the lease back; after several failures in a row the job is given up."""
    job.refresh_from_db()
    job.failures += 1
    job.error = f"{type(error).__name__} in {job.store or 'the beginning'}"[:200]
    if job.failures >= MOST_FAILURES:
        job.state, job.finished_at, job.work = PrivacyJob.State.FAILED, clock.now(), {}
        note(job, job.requested_by, "failed", error=job.error, done=job.counts)
    job.leased_until = None
    job.save(update_fields=["failures", "error", "state", "finished_at", "work", "leased_until"])
    return job


def advance(job: PrivacyJob) -> None:
    """One slice, and the note of it."""
    stores = load_stores()
    if "session_ids" not in job.work:
        begin(job, stores)
    elif job.store in stores:
        step(job, stores)
    else:
        finish(job)
    job.failures = 0
    job.leased_until = clock.now() + LEASE
    job.save()


def begin(job: PrivacyJob, stores: dict[str, Store]) -> None:
    """Gather the sessions before anything that they are known by is gone."""
    subject = gather(Subject.of_job(job))
    job.work = {**job.work, "session_ids": list(subject.session_ids), "shared": sorted(subject.shared)}
    job.store = next(iter(stores))


def step(job: PrivacyJob, stores: dict[str, Store]) -> None:
    """A slice of the present store; the next store when there is nothing left."""
    store = stores[job.store]
    done = erase_slice(job, store) if job.kind == PrivacyJob.Kind.ERASE else export_slice(job, store)
    if not done:
        names = list(stores)
        following = names[names.index(store.name) + 1 :]
        job.store = following[0] if following else "."
        job.work.pop("cursor", None)


def erase_slice(job: PrivacyJob, store: Store) -> bool:
    """Whether there may be more."""
    removed = store.erase(Subject.of_job(job), SLICE)
    add_counts(job, removed)
    return any(removed.values())


def export_slice(job: PrivacyJob, store: Store) -> bool:
    """Whether there is more."""
    if store.export is None:
        return False
    perms = perms_of(job)
    page = store.export(Subject.of_job(job, perms), job.work.get("cursor", ""), SLICE)
    if page.rows:
        write_part(job, store.name, page.rows)
        add_counts(job, {store.name: len(page.rows)})
    job.work["cursor"] = page.cursor
    if page.cursor and sum(job.counts.values()) >= MOST_ROWS:
        job.left[f"{store.name} beyond the limit of {MOST_ROWS:,} rows"] = 1
        return False
    return bool(page.cursor)


def perms_of(job: PrivacyJob) -> set[str] | None:
    """What the asker holds by now, of that what their token had left them; None: everything, for the command line. What
    that opens of restricted fields is noted: who fetches the file must hold as much."""
    if job.requested_by is None:
        return None
    held = {perm.value for perm in held_perms(job.requested_by, job.environment)}
    perms = held & set(job.work.get("cut_to", held))
    job.work["opened"] = sorted({*job.work.get("opened", ()), *(perms & RESTRICTED_PERMS)})
    return perms


def add_counts(job: PrivacyJob, found: Counts) -> None:
    """Add to what is done."""
    for name, number in found.items():
        job.counts[name] = job.counts.get(name, 0) + number


def finish(job: PrivacyJob) -> None:
    """Look again, forget whom it was about, write it down."""
    now = clock.now()
    if job.kind == PrivacyJob.Kind.ERASE:
        subject = Subject.of_job(job)
        for store in load_stores().values():
            job.left |= {name: number for name, number in store.count(subject).items() if number}
    else:
        job.expires_at = now + timedelta(days=EXPORT_DAYS)
    kept = {"opened": job.work["opened"]} if "opened" in job.work else {}
    job.state, job.finished_at, job.work, job.store, job.error = PrivacyJob.State.DONE, now, kept, "", ""
    note(job, job.requested_by, "done", counts=job.counts, **({"left": job.left} if job.left else {}))


def run_to_end(job: PrivacyJob) -> PrivacyJob:
    """Without the queue: for the command line."""
    while not job.is_finished:
        if work_on(str(job.pk)) is None:
            time.sleep(1)  # a worker is at it
        job.refresh_from_db()
    return job


def sweep_jobs() -> None:
    """What no bell announced, and exports whose days are over."""
    now = clock.now()
    for job in PrivacyJob.objects.filter(is_free(), state__in=UNFINISHED).order_by("requested_at")[:10]:
        ring(job)
    over = PrivacyJob.objects.filter(kind=PrivacyJob.Kind.EXPORT, state=PrivacyJob.State.DONE, expires_at__lte=now)
    for job in over:
        job.parts.all().delete()
        PrivacyJob.objects.filter(pk=job.pk).update(state=PrivacyJob.State.EXPIRED)
