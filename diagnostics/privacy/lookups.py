"""Looking for one person is an act to answer for: it is written down, without the id that was typed."""

import hashlib
from typing import Final

from django.core.cache import cache

from diagnostics.core.access import Person
from diagnostics.models import Environment
from diagnostics.pipeline.pseudonym import are_user_keys, user_key
from diagnostics.privacy.audit import record_event
from diagnostics.privacy.pseudonyms import present_key

AGAIN_SECONDS: Final = 600  # the same look-up by the same person within this is the same act


def hash_subject(pseudonym: str) -> str:
    """What stands for a person in the audit trail and in the log of erasures."""
    return hashlib.sha256(b"subject\0" + pseudonym.encode("utf-8", "surrogatepass")).hexdigest()


def note_lookup(actor: Person, environment: Environment, typed: str) -> None:
    """Somebody searches for a person, by user id or pseudonym."""
    typed = typed.strip()
    if not typed:
        return
    known = typed.split(",")[0] if are_user_keys(typed) else user_key(present_key(environment), typed)
    subject = hash_subject(known)
    if cache.add(f"lookup:{actor.pk}:{environment.pk}:{subject}", 1, AGAIN_SECONDS):
        record_event(actor, "search.user", f"person {subject[:12]}", environment, person=subject)
