"""What django-q2 runs for diagnostics. Arguments are ids or nothing: the rows say what is to be done."""

import logging
from collections.abc import Callable
from datetime import timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db import connection
from django_q.models import Task
from django_q.tasks import async_task

from diagnostics.core import clock
from diagnostics.digest.run import digest_all
from diagnostics.grants import expire_grants
from diagnostics.models import Heartbeat
from diagnostics.privacy.chain import chain_events
from diagnostics.privacy.jobs import ring, sweep_jobs, work_on
from diagnostics.privacy.pseudonyms import forget_retired_keys
from diagnostics.privacy.retention import cut_audit_trail
from diagnostics.storage.partitions import ensure_partitions
from diagnostics.storage.retention import expire

logger = logging.getLogger(__name__)

WORKER = "worker"
RETENTION_EVERY = timedelta(hours=1)
FAILURES_KEPT = timedelta(days=14)  # of tasks, with their tracebacks, and of sign-ins, with names and addresses


def digest_task() -> None:
    """The bell was rung."""
    if not digest_all():
        async_task("diagnostics.tasks.digest_task")
    beat(WORKER)


def privacy_task(job_id: str) -> None:
    """An export or erasure was asked for; what does not fit into one task rings again."""
    job = work_on(job_id)
    if job is not None and not job.is_finished:
        ring(job)


def sweep() -> None:
    """Each minute: say that we live, keep partitions, digest what no bell announced, end grants, chain events. One part's
    fault must not keep the others from being done."""
    beat(WORKER)
    for step in (ensure_partitions, digest_all, expire_grants, chain_events, sweep_jobs, expire_hourly):
        run_safely(step)


def run_safely(step: Callable[[], object]) -> None:
    """What does not go well is in the log, and tried again in a minute."""
    try:
        step()
    except Exception:
        logger.exception("a part of the sweep failed: %s", step.__name__)


def expire_hourly() -> None:
    """Retention takes its time, so not each minute."""
    if cache.add("retention", 1, RETENTION_EVERY.total_seconds()):
        expire_all()


def expire_all() -> None:
    """Everything whose time is over, whichever part of it fails."""
    for step in (
        expire_data, cut_audit_trail, forget_retired_keys, forget_failures, SessionStore.clear_expired, forget_expired_cache,
    ):  # fmt: skip
        run_safely(step)


def expire_data() -> None:
    """What does not fit into one run goes on with the next minute's."""
    if not expire():
        cache.delete("retention")


def forget_failures() -> None:
    """Of tasks and of sign-ins."""
    Task.objects.filter(stopped__lt=clock.now() - FAILURES_KEPT).delete()
    AccessAttempt.objects.filter(attempt_time__lt=clock.now() - FAILURES_KEPT).delete()


def forget_expired_cache() -> None:
    """Entries carry addresses of people who signed in; Django leaves them until there are too many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM diagnostics_cache WHERE expires < now()")


def beat(name: str) -> None:
    """Note that a part of the system is alive."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": clock.now()})
