"""When to try again."""

import email.utils
import random
from datetime import datetime, timedelta
from typing import Final

from diagnostics.core import clock

FIRST_SECONDS: Final = 3.0
LONGEST_SECONDS: Final = 300.0
LONGEST_ASKED: Final = 900.0  # a receiver may ask for patience, within reason
RETRIED: Final = frozenset({408, 409, 425, 429})


def is_retried(status: int) -> bool:
    """Whether a status is worth another try; 3xx are not followed, other 4xx mean that the request is wrong."""
    return status >= 500 or status in RETRIED


def next_delay(attempts: int, retry_after: float | None, rand: random.Random | None = None) -> timedelta:
    """After `attempts` tries: twice as long each time, with up to half of it at random; never sooner than asked for."""
    source = rand or random
    base = min(FIRST_SECONDS * 2 ** max(attempts - 1, 0), LONGEST_SECONDS)
    delay = base * (0.5 + source.random() / 2)  # jitter: senders that failed together must not come back together
    if retry_after is not None:
        delay = max(delay, min(retry_after, LONGEST_ASKED))
    return timedelta(seconds=delay)


def read_retry_after(value: str, now: datetime | None = None) -> float | None:
    """Seconds from a Retry-After header, given as seconds or as an HTTP date; None when it is neither."""
    text = value.strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - (now or clock.now())).total_seconds())
