"""Signatures as Standard Webhooks 1.0.0 asks: `webhook-id` stays the same over retries, the timestamp is fresh, and each
of the given keys signs, so that a key can be changed without losing a message."""

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Final

from alerts.delivery.errors import DeliveryError
from diagnostics.core import clock

PREFIX: Final = "whsec_"
MOST_KEYS: Final = 2
NEW_KEY_BYTES: Final = 32


def new_key() -> str:
    """A key as `read_keys` wants it."""
    return f"{PREFIX}{base64.b64encode(secrets.token_bytes(NEW_KEY_BYTES)).decode()}"


def sign_headers(keys_text: str, message_id: str, body: bytes) -> dict[str, str]:
    """The three headers of a message."""
    try:
        keys = read_keys(keys_text)
    except ValueError as error:
        raise DeliveryError(str(error), permanent=True) from None
    stamp = str(int(clock.now().timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(sign(key, message_id, stamp, body) for key in keys),
    }


def check_keys(text: str) -> list[str]:
    """What is wrong with the keys, without repeating them."""
    try:
        read_keys(text)
    except ValueError as error:
        return [str(error)]
    return []


def read_keys(text: str) -> list[bytes]:
    """The keys; ValueError says what a key looks like."""
    keys = []
    for word in text.split():
        try:
            key = base64.b64decode(word.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not word.startswith(PREFIX) or not 24 <= len(key) <= 64:
            raise ValueError("Signing key: 'whsec_' and 24 to 64 bytes in base64 are needed.")
        keys.append(key)
    if not 1 <= len(keys) <= MOST_KEYS:
        raise ValueError("Signing key is needed: one, or two while you change it.")
    return keys


def sign(key: bytes, message_id: str, stamp: str, body: bytes) -> str:
    """One signature over id, time and body."""
    signed = hmac.digest(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"
