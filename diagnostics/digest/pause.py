"""One pause for the bells of all processes, kept in Valkey: a digest costs by the time, so two bells must not make two.

Without Valkey each process keeps to its own pause.
"""

import logging
from functools import lru_cache
from typing import Any, Final

import redis
from django.conf import settings

from diagnostics.core.valkey import valkey_key

logger = logging.getLogger(__name__)

VALKEY_SECONDS: Final = 0.5  # waited for an answer


@lru_cache(maxsize=1)
def client() -> "redis.Redis":
    """Of this process; threads share its connections."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=VALKEY_SECONDS, socket_connect_timeout=VALKEY_SECONDS
    )


def take_pause(name: str, seconds: float) -> float:
    """0 when nobody has rung for so long: the pause begins now. Else the seconds that are left of somebody's."""
    key = valkey_key(f"pause:{name}")
    try:
        if client().set(key, 1, nx=True, px=max(1, round(seconds * 1000))):
            return 0.0
        left: Any = client().pttl(key)
    except redis.RedisError as error:
        logger.debug("bells are not shared: %s", type(error).__name__)
        return 0.0
    return max(0.0, int(left) / 1000)
