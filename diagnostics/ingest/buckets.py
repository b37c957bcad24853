"""The arithmetic of a bucket, in Valkey's script and in the process: the same, so that either may answer."""

import time
from typing import Final

BURST_SECONDS: Final = 5.0  # a quiet sender may send so many seconds' worth at once
LONGEST_DEBT: Final = 60.0  # seconds that one huge batch can shut a bucket for
MOST: Final = 20_000  # buckets of one process

# KEYS[1]; ARGV: rate a second (0: no refill), size, number to take, seconds to keep. Answers what is left.
LUA: Final = f"""
local rate, size, number = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local kept = redis.call('HMGET', KEYS[1], 'left', 'at')
local left, at = tonumber(kept[1]) or size, tonumber(kept[2]) or now
left = math.min(size, left + math.max(0, now - at) * rate)
if number > 0 then
  left = left - number
  if rate > 0 then left = math.max(left, -rate * {LONGEST_DEBT}) end
  redis.call('HSET', KEYS[1], 'left', string.format('%.6f', left), 'at', string.format('%.6f', now))
  local keep = tonumber(ARGV[4])
  if rate > 0 then keep = keep + math.ceil((size - left) / rate) end
  redis.call('EXPIRE', KEYS[1], keep)
end
return string.format('%.6f', left)
"""


class LocalBuckets:
    """Buckets of this process."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[float, float]] = {}

    def take(self, key: str, rate: float, size: float, number: int) -> float:
        """What is left after taking `number`; nothing is written when it is 0."""
        now = time.monotonic()
        left, at = self.kept.get(key, (size, now))
        left = min(size, left + max(0.0, now - at) * rate)
        if number:
            left -= number
            if rate:
                left = max(left, -rate * LONGEST_DEBT)
            if len(self.kept) >= MOST:
                self.kept.clear()
            self.kept[key] = (left, now)
        return left
