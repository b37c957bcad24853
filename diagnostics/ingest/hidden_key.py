"""The mark of a request that may be sent again, as it is stored: some senders choose it, it may name a person, and
nothing else cleans it."""

import hashlib

from django.conf import settings


def hide_key(key: str | None) -> str | None:
    """A keyed hash: equal marks stay equal, and nobody can try out which one it was."""
    if key is None:
        return None
    secret = settings.SECRET_KEY.encode()[: hashlib.blake2b.MAX_KEY_SIZE]
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=20, key=secret).hexdigest()
