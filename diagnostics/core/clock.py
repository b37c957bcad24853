"""The clock: one place to read the time, so that tests may replace it."""

import time
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def now_ns() -> int:
    """Nanoseconds since 1970."""
    return time.time_ns()


def from_ns(nanoseconds: int) -> datetime:
    """The moment, cut to microseconds (what PostgreSQL keeps); exact, without floating point."""
    return EPOCH + timedelta(microseconds=nanoseconds // 1000)


def to_ns(moment: datetime) -> int:
    """Nanoseconds since 1970; exact, without floating point."""
    delta = moment - EPOCH
    return ((delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds) * 1000


def minute_of(nanoseconds: int) -> int:
    """The minute's number since 1970."""
    return nanoseconds // 60_000_000_000


def floor_minute(moment: datetime) -> datetime:
    """The start of the moment's minute."""
    return moment.replace(second=0, microsecond=0)
