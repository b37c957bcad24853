"""Valkey (or Redis): REDIS_URL, or the embedded server. It carries hints and counters, nothing of record; and caches."""

from diagnostics.core.valkey import prefix_of
from project.settings.database import DATABASES
from project.settings.embedded import read_embedded_url
from project.settings.env import read_url

__all__ = ["CACHES", "CHANNEL_LAYERS", "REDIS_URL"]

NOT_RUNNING = "redis://127.0.0.1:1/0"  # nothing listens there
REDIS_URL = (
    read_url("REDIS_URL", "", schemes=("redis", "rediss", "unix")) or read_embedded_url("redis_url") or NOT_RUNNING
)

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # A frame that nobody read in 10 s is stale: the page refills from the store with its cursor.
        "CONFIG": {
            "hosts": [{"address": REDIS_URL}],
            "expiry": 10,
            "capacity": 200,
            "prefix": prefix_of(DATABASES["default"]["NAME"]),
        },
    }
}

CACHES = {
    # What all processes must agree on, with Valkey or without: which codes of a second factor were used, how often
    # somebody tried to sign in. A migration makes the table.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "diagnostics_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    # What a process may count for itself.
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # What it has drawn and may draw again; apart, so that charts push no counts out.
    "drawn": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "drawn"},
}
