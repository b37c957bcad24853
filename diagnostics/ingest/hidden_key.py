"""The mark of a request that may be sent again, as it is stored: some senders choose it, it may name a person, and
nothing else cleans it."""

import hashlib

from django.conf import settings


def hide_key(key: str | None, ingest_key_id: int) -> str | None:
    """A keyed hash: equal marks of one ingest key stay equal, and nobody can try out which one it was. Another ingest key's
    are others: what it sends must not make anybody's records look as if they were here already."""
    if key is None:
        return None
    secret = settings.SECRET_KEY.encode()[: hashlib.blake2b.MAX_KEY_SIZE]
    return hashlib.blake2b(
        f"{ingest_key_id} {key}".encode("utf-8", "surrogatepass"), digest_size=20, key=secret
    ).hexdigest()
