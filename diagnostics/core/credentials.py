"""Random credentials: the text is shown once, its SHA-256 is kept, a prefix is left to recognise it by.

256 random bits need no slow hash: there is nothing to guess.
"""

import hashlib
import secrets
from typing import NamedTuple


class Credential(NamedTuple):
    """A new credential."""

    text: str
    prefix: str
    digest: bytes


def new_credential(kind: str) -> Credential:
    """`kind` ('dk', 'dt') begins the text, so that a leaked one is recognised for what it is. Letters, digits and one
    underscore: a key must fit into the address (DSN) of clients that are choosy."""
    text = f"{kind}_{secrets.token_hex(32)}"
    return Credential(text, text[:10], digest_of(text))


def digest_of(text: str) -> bytes:
    """What is kept and looked up."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
