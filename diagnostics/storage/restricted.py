"""Sealing and opening restricted fields: JSON, encrypted for one environment."""

from typing import Any

import orjson

from diagnostics.core import secrets_box


def context_of(environment_id: int) -> bytes:
    """Each environment has a key of its own."""
    return b"restricted:%d" % environment_id


def seal(fields: dict[str, Any], environment_id: int) -> bytes:
    """What is stored."""
    return secrets_box.encrypt(orjson.dumps(fields), context=context_of(environment_id))


def unseal(ciphertext: bytes | memoryview, environment_id: int) -> dict[str, Any]:
    """The fields; CannotDecryptError when the key is another."""
    found = orjson.loads(secrets_box.decrypt(bytes(ciphertext), context=context_of(environment_id)))
    return found if isinstance(found, dict) else {}
