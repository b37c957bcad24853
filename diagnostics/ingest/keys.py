"""Ingest keys: issue, revoke, and find the environment that a key belongs to.

A found key is believed for some seconds, so that a busy sender does not cost a query a request; a revoked one stops
working within that time. Unknown keys are remembered too: a flood of guesses does not reach the database.
"""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from diagnostics.core import clock
from diagnostics.core.access import Person
from diagnostics.core.credentials import digest_of, new_credential
from diagnostics.core.errors import Unavailable
from diagnostics.core.secrets_box import CannotDecryptError
from diagnostics.geo import present_locator
from diagnostics.ingest.catalogues import catalogue_of
from diagnostics.ingest.quota import Quota
from diagnostics.ingest.watching import Matcher, find_matcher
from diagnostics.models import Environment, IngestKey
from diagnostics.pipeline.context import EnvironmentContext
from diagnostics.privacy.changes import tracked_change
from diagnostics.privacy.policies import policy_of
from diagnostics.privacy.pseudonyms import present_key

logger = logging.getLogger(__name__)

BELIEVED_SECONDS: Final = 3.0
CACHE_SIZE: Final = 10_000
USE_RECORDED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Whom a key lets in."""

    key_id: int
    environment: EnvironmentContext
    quotas: tuple[Quota, ...] = ()
    matcher: Matcher | None = None
    records_only: bool = False


CACHE: dict[bytes, tuple[float, KeyHolder | None]] = {}


def issue_key(environment: Environment, name: str) -> tuple[IngestKey, str]:
    """A new key and its text, which is shown this once."""
    credential = new_credential("dk")
    key = IngestKey.objects.create(
        environment=environment, name=name, prefix=credential.prefix, digest=credential.digest
    )
    return key, credential.text


def revoke_key(key: IngestKey) -> None:
    """Stop the key from working, for good."""
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        key.save(update_fields=["revoked_at"])


def save_key(actor: Person, key: IngestKey) -> None:
    """Save a key's name (or a new key), and write down what changed."""
    with tracked_change(actor, key):
        key.save()


def cached_holder(text: str) -> tuple[bool, KeyHolder | None]:
    """(known, holder) without asking the database."""
    found = CACHE.get(digest_of(text))
    if found is None or found[0] < time.monotonic():
        return False, None
    return True, found[1]


def find_holder(text: str) -> KeyHolder | None:
    """The key's holder, or None when it is unknown or revoked. Asks the database and records the use."""
    digest = digest_of(text)
    key = IngestKey.objects.select_related("environment").filter(digest=digest, revoked_at=None).first()
    holder = None
    if key is not None:
        try:
            matcher = find_matcher(key.environment_id)
            holder = KeyHolder(key.pk, context_of(key.environment), quotas_of(key), matcher, key.records_only)
        except CannotDecryptError as error:
            logger.error("The pseudonym key of '%s' cannot be read: has SECRET_KEY changed?", key.environment.slug)
            raise Unavailable(
                "the environment's keys cannot be read; its operator must set SECRET_KEY right"
            ) from error
        record_use(key)
    if len(CACHE) >= CACHE_SIZE:
        CACHE.clear()
    CACHE[digest] = (time.monotonic() + BELIEVED_SECONDS, holder)
    return holder


def quotas_of(key: IngestKey) -> tuple[Quota, ...]:
    """The limits of the key and of its environment; nothing where there are none."""
    environment = key.environment
    quotas = (
        Quota(f"e:{environment.pk}", environment.ingest_quota_per_second, environment.ingest_quota_per_day),
        Quota(f"k:{key.pk}", key.quota_per_second, key.quota_per_day),
    )
    return tuple(quota for quota in quotas if quota.per_second or quota.per_day)


def context_of(environment: Environment) -> EnvironmentContext:
    """What the pipeline needs of the environment."""
    return EnvironmentContext(
        id=environment.pk,
        slug=environment.slug,
        pseudonym_key=present_key(environment),
        tracing_enabled=environment.tracing_enabled,
        policy=policy_of(environment),
        templates=catalogue_of(environment.pk),
        locate=present_locator(),
    )


def record_use(key: IngestKey) -> None:
    """Note when the key was last used, to the minute."""
    now = clock.now()
    if key.last_used_at is None or now - key.last_used_at > USE_RECORDED_EVERY:
        IngestKey.objects.filter(pk=key.pk).update(last_used_at=now)
