"""PostgreSQL: DATABASE_URL, or the embedded server that `manage.py up` runs."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from project.settings.embedded import read_embedded_url
from project.settings.env import read_int, read_url

__all__ = ["DATABASES", "DATABASE_POOL_SIZE", "EMBEDDED"]

GIVEN_URL = read_url("DATABASE_URL", "", schemes=("postgres", "postgresql"))
EMBEDDED = not GIVEN_URL
DATABASE_POOL_SIZE = read_int("DATABASE_POOL_SIZE", 12, low=0, high=200)  # 0: no pool of our own
# Under ASGI a request runs in a thread of its own: a pool, not persistent connections, keeps them few.
POOL = {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 10, "max_idle": 60} if DATABASE_POOL_SIZE else False


def parse_database_url(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for a postgresql:// address; query parameters go to libpq."""
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ImproperlyConfigured(
            "DATABASE_URL: the database's name is missing (postgresql://user:password@host/NAME)"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": "diagnostics",
            "pool": POOL,
            **dict(parse_qsl(parts.query)),
        },
        "TEST": {"NAME": f"test_{name}"},
    }


# An address that nothing listens on keeps `check` and `makemigrations` working before the first start;
# whoever then needs the database is told to start it.
NOT_RUNNING = "postgresql://not-running:not-running@127.0.0.1:1/diagnostics"
DATABASES = {"default": parse_database_url(GIVEN_URL or read_embedded_url("database_url") or NOT_RUNNING)}
