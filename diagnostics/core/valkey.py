"""Names in Valkey: installations may share one, and none may count or hear what another does."""

from django.conf import settings


def prefix_of(database: str) -> str:
    """What the names of an installation begin with."""
    return f"diagnostics:{database}"


def valkey_key(name: str) -> str:
    """A name of this installation."""
    return f"{prefix_of(settings.DATABASES['default']['NAME'])}:{name}"
