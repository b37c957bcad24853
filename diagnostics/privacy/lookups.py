"""Looking for one person is an act to answer for: it is written down, without the id that was typed."""

import hashlib
from typing import Any, Final

from django.core.cache import cache

from diagnostics.core.access import Person
from diagnostics.models import Environment
from diagnostics.pipeline.pseudonym import are_user_keys, user_key
from diagnostics.privacy.audit import record_event
from diagnostics.privacy.pseudonyms import keys_of

AGAIN_SECONDS: Final = 600  # the same look-up by the same person within this is the same act
MOST_NAMED: Final = 200  # pseudonyms of one look-up: as many as a person has in twenty environments


def hash_subject(pseudonym: str) -> str:
    """What stands for a person in the audit trail and in the log of erasures."""
    return hashlib.sha256(b"subject\0" + pseudonym.encode("utf-8", "surrogatepass")).hexdigest()


def note_lookup(actor: Person, environment: Environment, typed: str) -> None:
    """Somebody searches for a person, by user id or pseudonym; for several, by theirs: all of them are written down.

    ValueError for more than are told of at once.
    """
    typed = typed.strip()
    if not typed:
        return
    known = typed.split(",") if are_user_keys(typed) else [user_key(key, typed) for key in keys_of(environment)]
    if len(known) > MOST_NAMED:
        raise ValueError(f"user: name at most {MOST_NAMED} pseudonyms at once; these are {len(known):,}")
    mark = f"lookup:{actor.pk}:{environment.pk}"
    hashes = [hash_subject(key) for key in dict.fromkeys(known)]
    if new := [name for name in hashes if cache.add(f"{mark}:{name}", 1, AGAIN_SECONDS)]:
        told = ", ".join(name[:12] for name in new)
        record_event(actor, "search.user", f"person {told}", environment, **named(new))


def named(hashes: list[str]) -> dict[str, Any]:
    """Whom an event is about, for its detail."""
    return {"people": hashes} if len(hashes) > 1 else {"person": "".join(hashes)}
