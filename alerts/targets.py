"""Targets: the inbox that everybody has, and secrets, written and read by code, never shown."""

import orjson

from alerts.models import Target
from diagnostics.core import secrets_box
from diagnostics.models import Environment

CONTEXT = b"target"


def ensure_inbox(environment: Environment) -> None:
    """Every environment tells somebody from its first minute: whoever looks at the inbox."""
    Target.objects.get_or_create(environment=environment, kind="inbox", defaults={"name": "Inbox"})


def read_secrets(target: Target) -> dict[str, str]:
    """The secrets by name."""
    if not target.secrets:
        return {}
    found = orjson.loads(secrets_box.decrypt(bytes(target.secrets), context=CONTEXT))
    return {str(name): str(value) for name, value in found.items()}


def write_secrets(target: Target, secrets: dict[str, str]) -> None:
    """Set the secrets; the caller saves the target."""
    target.secrets = secrets_box.encrypt(orjson.dumps(secrets), context=CONTEXT) if secrets else b""


def describe_health(target: Target) -> str:
    """One sentence for people: healthy, failing since, switched off because."""
    if not target.enabled:
        return f"Switched off: {target.disabled_reason}." if target.disabled_reason else "Switched off."
    if target.failing_since:
        return f"Failing since {target.failing_since:%Y-%m-%d %H:%M} UTC; the ledger has each try."
    return "Healthy."
