"""Names in Valkey: installations may share one, and none may count or hear what another does."""

from django.conf import settings


def valkey_key(name: str) -> str:
    """The name, set apart by that of the database."""
    return f"diagnostics:{settings.DATABASES['default']['NAME']}:{name}"
