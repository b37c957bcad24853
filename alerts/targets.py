"""The secrets of targets: written and read by code, never shown."""

import orjson

from alerts.models import Target
from diagnostics.core import secrets_box

CONTEXT = b"target"


def read_secrets(target: Target) -> dict[str, str]:
    """The secrets by name."""
    if not target.secrets:
        return {}
    found = orjson.loads(secrets_box.decrypt(bytes(target.secrets), context=CONTEXT))
    return {str(name): str(value) for name, value in found.items()}


def write_secrets(target: Target, secrets: dict[str, str]) -> None:
    """Set the secrets; the caller saves the target."""
    target.secrets = secrets_box.encrypt(orjson.dumps(secrets), context=CONTEXT) if secrets else b""
