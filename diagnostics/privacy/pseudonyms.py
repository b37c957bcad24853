"""The keys behind pseudonyms: encrypted where they are stored, rotated with an overlap, or destroyed.

After a rotation old records and snapshots are found by the retired key until their retention is over. Destroying forgets every key:
nobody, ourselves included, can then tell whose the old records are.
"""

import base64
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from diagnostics.core import clock, secrets_box
from diagnostics.core.access import Person
from diagnostics.models import Environment
from diagnostics.pipeline.pseudonym import are_user_keys, pseudonyms_for, user_key
from diagnostics.privacy.audit import record_event

CONTEXT: Final = b"pseudonym"
BARE_BYTES: Final = 32  # a key that was stored before keys were encrypted
MOST_RETIRED: Final = 8  # more rotations than this within one retention forget the oldest


def new_pseudonym_key() -> bytes:
    """Random, and encrypted as it is stored."""
    return secrets_box.encrypt(secrets.token_bytes(32), context=CONTEXT)


def open_key(stored: bytes | memoryview) -> bytes:
    """The key itself; CannotDecryptError when SECRET_KEY has changed."""
    sealed = bytes(stored)
    return sealed if len(sealed) == BARE_BYTES else secrets_box.decrypt(sealed, context=CONTEXT)


def present_key(environment: Environment) -> bytes:
    """The key that new records' user ids are hashed with."""
    return open_key(environment.pseudonym_key)


def keys_of(environment: Environment) -> list[bytes]:
    """The present key, then the retired ones that old records may still carry."""
    now = clock.now()
    retired = [item for item in environment.retired_pseudonym_keys if datetime.fromisoformat(item["until"]) > now]
    return [present_key(environment), *(open_key(base64.b64decode(item["key"])) for item in retired)]


def user_keys_of(environment: Environment, typed: str) -> list[str]:
    """The pseudonyms that were typed, and those that the text has as a user id; never a raw id."""
    return list(pseudonyms_for(typed, keys_of(environment)))


def looks_known(_key: str) -> bool:
    """What looks like a pseudonym is one."""
    return True


def stand_in(environment: Environment, typed: str, is_known: Callable[[str], bool] = looks_known) -> str:
    """What stands for a person in an address: pseudonyms as they are, a raw id as the pseudonyms that it has.

    An id may look like a pseudonym; `is_known` tells whether it is one that something is stored under.
    """
    typed = typed.strip()
    if not typed or (are_user_keys(typed) and all(map(is_known, typed.split(",")))):
        return typed
    return ",".join(dict.fromkeys(user_key(key, typed) for key in keys_of(environment)))


def rotate_key(environment: Environment, actor: Person | None) -> datetime:
    """A new key; the present one is kept for as long as records and snapshots of it are. Returns until when."""
    days = max(environment.retention_days, environment.snapshot_retention_days)
    until = clock.now() + timedelta(days=days)
    with transaction.atomic():
        row = Environment.objects.select_for_update().get(pk=environment.pk)
        retired = {"key": base64.b64encode(bytes(row.pseudonym_key)).decode(), "until": until.isoformat()}
        row.retired_pseudonym_keys = [retired, *living(row.retired_pseudonym_keys)][:MOST_RETIRED]
        replace_key(row)
        record_event(actor, "pseudonym.rotate", "pseudonym key", environment, overlap_until=until.isoformat())
    return until


def destroy_keys(environment: Environment, actor: Person | None) -> None:
    """A new key, and no trace of the old ones: pseudonyms that are stored lead to nobody any more."""
    with transaction.atomic():
        row = Environment.objects.select_for_update().get(pk=environment.pk)
        row.retired_pseudonym_keys = []
        replace_key(row)
        record_event(actor, "pseudonym.destroy", "pseudonym keys", environment)


def replace_key(row: Environment) -> None:
    """The new key is stored; the old one is where the caller has put it, or nowhere."""
    row.pseudonym_key, row.pseudonym_key_changed_at = new_pseudonym_key(), clock.now()
    row.save(update_fields=["pseudonym_key", "retired_pseudonym_keys", "pseudonym_key_changed_at"])


def living(retired: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those whose overlap is not over."""
    now = clock.now()
    return [item for item in retired if datetime.fromisoformat(item["until"]) > now]


def forget_retired_keys() -> None:
    """Retired keys go when their overlap is over."""
    for environment in Environment.objects.exclude(retired_pseudonym_keys=[]):
        kept = living(environment.retired_pseudonym_keys)
        if len(kept) < len(environment.retired_pseudonym_keys):
            Environment.objects.filter(pk=environment.pk).update(retired_pseudonym_keys=kept)
