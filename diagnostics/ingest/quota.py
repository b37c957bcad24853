"""Quotas: how many records an environment, and a key, may send each second and each day.

A token bucket in Valkey, shared by all processes; with Valkey away each process goes on with buckets of its own. A batch
is never cut in two: it may take a bucket below nothing, and then the next ones wait until it is filled again. So whether
a request is taken is known before its body is read. Who has no quota is not asked for anything.

Errors have buckets apart from everything else, so that a flood of logs cannot silence the errors of Sentry's SDKs.
"""

import asyncio
import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.conf import settings
from redis import asyncio as aioredis
from redis.exceptions import RedisError

from diagnostics.core import clock
from diagnostics.core.valkey import valkey_key
from diagnostics.ingest.buckets import BURST_SECONDS, LUA, LocalBuckets

logger = logging.getLogger(__name__)

VALKEY_SECONDS: Final = 0.25  # waited for Valkey
AWAY_SECONDS: Final = 5.0  # it is left alone for so long after it did not answer
BELIEVED_SECONDS: Final = 0.2  # an answer about a bucket is believed
RECORD, ERROR = "record", "error"  # what is counted apart


@dataclass(frozen=True, slots=True)
class Quota:
    """The limits of one environment or key; `owner` is `e:<id>` or `k:<id>`."""

    owner: str
    per_second: int | None = None
    per_day: int | None = None


@dataclass(frozen=True, slots=True)
class Bucket:
    """One counter: filled at `rate` a second, or, without a rate, `size` for the whole day."""

    key: str
    rate: float
    size: float
    seconds: int  # that it is kept


@dataclass(slots=True)
class Verdict:
    """For how many seconds each category is to be left alone; empty: everything may come."""

    waits: dict[str, float] = field(default_factory=dict)

    def wait_of(self, category: str) -> int:
        """Whole seconds for Retry-After; 0: come."""
        return math.ceil(self.waits.get(category, 0.0))


FREE: Final = Verdict()


def buckets_of(quotas: Sequence[Quota], category: str) -> list[Bucket]:
    """All that a record of the category is counted in."""
    found = []
    for quota in quotas:
        name = f"quota:{quota.owner}:{category}"
        if quota.per_second:
            size = quota.per_second * BURST_SECONDS
            found.append(Bucket(valkey_key(name), quota.per_second, size, int(BURST_SECONDS) + 1))
        if quota.per_day:
            found.append(Bucket(valkey_key(f"{name}:{clock.now():%Y%m%d}"), 0.0, quota.per_day, 90_000))
    return found


def seconds_to_midnight() -> float:
    """Until the days' buckets are new ones."""
    now = clock.now()
    tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (tomorrow - now).total_seconds()


class Quotas:
    """Asks and spends; one for the process."""

    def __init__(self) -> None:
        self.local = LocalBuckets()
        self.away_until = 0.0
        self.believed: dict[tuple[tuple[Quota, ...], str], tuple[float, float]] = {}  # (until, moment it is free again)
        self.clients: WeakKeyDictionary[asyncio.AbstractEventLoop, aioredis.Redis] = WeakKeyDictionary()

    async def ask(self, quotas: tuple[Quota, ...], categories: Sequence[str]) -> Verdict:
        """Whether something may come now."""
        if not quotas:
            return FREE
        return Verdict({category: await self.wait(quotas, category) for category in categories})

    async def wait(self, quotas: tuple[Quota, ...], category: str) -> float:
        """Seconds until the category may come again."""
        now = time.monotonic()
        until, free_at = self.believed.get((quotas, category), (0.0, 0.0))
        if free_at > now:
            return free_at - now
        return 0.0 if until > now else await self.take(quotas, category, 0)

    async def spend(self, quotas: tuple[Quota, ...], counts: Mapping[str, int]) -> None:
        """Count what is taken."""
        for category, number in counts.items():
            if number:
                await self.take(quotas, category, number)

    async def take(self, quotas: tuple[Quota, ...], category: str, number: int) -> float:
        """Take from all buckets at once; seconds to wait from now on."""
        buckets = buckets_of(quotas, category)
        wait = max([await self.fill(bucket, number) for bucket in buckets], default=0.0)
        now = time.monotonic()
        if len(self.believed) > 10_000:
            self.believed.clear()
        self.believed[quotas, category] = (now + BELIEVED_SECONDS, now + wait if wait > 0 else 0.0)
        return wait

    async def fill(self, bucket: Bucket, number: int) -> float:
        """One bucket, in Valkey or here."""
        left = None
        if time.monotonic() >= self.away_until:
            try:
                left = float(
                    await self.client().eval(LUA, 1, bucket.key, bucket.rate, bucket.size, number, bucket.seconds)
                )
            except (RedisError, OSError) as error:
                self.away_until = time.monotonic() + AWAY_SECONDS
                logger.warning("quotas are counted by each process: Valkey is away (%s)", type(error).__name__)
        if left is None:
            left = self.local.take(bucket.key, bucket.rate, bucket.size, number)
        if left > 0:
            return 0.0
        return (1.0 - left) / bucket.rate if bucket.rate else seconds_to_midnight()

    def client(self) -> Any:
        """A connection of this event loop's."""
        loop = asyncio.get_running_loop()
        found = self.clients.get(loop)
        if found is None:
            found = self.clients[loop] = aioredis.from_url(
                settings.REDIS_URL, socket_timeout=VALKEY_SECONDS, socket_connect_timeout=VALKEY_SECONDS
            )
        return found

    def forget(self) -> None:
        """Begin anew; for tests."""
        self.local, self.away_until = LocalBuckets(), 0.0
        self.believed.clear()


QUOTAS: Final = Quotas()
