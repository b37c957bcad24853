"""What django-q2 runs for diagnostics. Arguments are ids or nothing: the rows say what is to be done."""

from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache

from diagnostics.core import clock
from diagnostics.digest.run import digest_all
from diagnostics.grants import expire_grants
from diagnostics.models import Heartbeat
from diagnostics.privacy.chain import chain_events
from diagnostics.privacy.retention import cut_audit_trail
from diagnostics.storage.partitions import drop_expired, ensure_partitions

WORKER = "worker"
RETENTION_EVERY = timedelta(hours=1)


def digest_task() -> None:
    """The bell was rung."""
    digest_all()
    beat(WORKER)


def sweep() -> None:
    """Each minute: say that we live, digest what no bell announced, keep partitions, end grants, chain events."""
    beat(WORKER)
    digest_all()
    ensure_partitions()
    expire_grants()
    chain_events()
    if cache.add("retention", 1, RETENTION_EVERY.total_seconds()):
        drop_expired()
        cut_audit_trail()
        SessionStore.clear_expired()  # of people's sign-ins


def beat(name: str) -> None:
    """Note that a part of the system is alive."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": clock.now()})
