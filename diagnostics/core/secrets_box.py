"""Encryption at rest for restricted fields and target secrets: AES-256-GCM under keys derived from SECRET_KEY."""

import os
from contextlib import suppress
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from diagnostics.core.errors import DiagnosticsError

VERSION: Final = b"\x01"
NONCE_BYTES: Final = 12


class CannotDecryptError(DiagnosticsError):
    """The text was encrypted under another SECRET_KEY or for another purpose, or it was changed."""


@lru_cache(maxsize=1024)
def cipher_for(secret_key: str, context: bytes) -> AESGCM:
    """One key a purpose, so that a text of one cannot pass for one of another."""
    return AESGCM(HKDF(SHA256(), length=32, salt=b"diagnostics", info=context).derive(secret_key.encode()))


def encrypt(data: bytes, *, context: bytes) -> bytes:
    """The version, a random nonce and the ciphertext; `context` names the purpose and must be given again."""
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + cipher_for(settings.SECRET_KEY, context).encrypt(nonce, data, VERSION)


def decrypt(token: bytes, *, context: bytes) -> bytes:
    """What was encrypted, under SECRET_KEY or one that it replaced; CannotDecryptError when no key, or the purpose or
    the bytes, are the same."""
    version, nonce, ciphertext = token[:1], token[1 : 1 + NONCE_BYTES], token[1 + NONCE_BYTES :]
    for secret_key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        with suppress(InvalidTag, ValueError):
            return cipher_for(secret_key, context).decrypt(nonce, ciphertext, version)
    raise CannotDecryptError("cannot decrypt: SECRET_KEY has changed, or this was stored for something else")
