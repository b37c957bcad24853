"""Reading results a page at a time: by key, not by number, so that the last page costs what the first does."""

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.db import OperationalError
from django.db.models import Q, QuerySet

from diagnostics.core import clock
from diagnostics.models import LogRecord
from diagnostics.storage.timeouts import time_limit, was_stopped

PAGE_SIZE: Final = 100
SEARCH_SECONDS: Final = 5  # a search that takes longer is stopped: it would take the database from everybody else


class SearchTooSlowError(Exception):
    """The search was stopped; a shorter time range or a field makes it quick."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of records, newest first, and the cursor of the next (older) page."""

    records: list[LogRecord]
    next_cursor: str


@contextmanager
def search_limits(seconds: float | None = None) -> Iterator[None]:
    """Inside, statements are stopped after so long (SEARCH_SECONDS) and that is raised as SearchTooSlowError."""
    seconds = seconds or SEARCH_SECONDS
    try:
        with time_limit(seconds):
            yield
    except OperationalError as error:
        if was_stopped(error):
            raise SearchTooSlowError(
                f"The search was stopped after {seconds:g} seconds. Choose a shorter time or add a field "
                "(service:, level:, session:)."
            ) from error
        raise


def read_page(rows: "QuerySet[LogRecord]", cursor: str = "", size: int = PAGE_SIZE) -> LogPage:
    """The page after `cursor` (the first when empty); ValueError when the cursor is not one."""
    if cursor:
        rows = rows.filter(older_than(read_cursor(cursor)))
    records = list(rows.order_by(*LogRecord.NEWEST_FIRST)[: size + 1])
    more = len(records) > size
    return LogPage(records[:size], write_cursor(records[size - 1]) if more else "")


def key_of(record: LogRecord) -> list[int]:
    """A record's place in the one order."""
    return [clock.to_ns(record.timestamp) // 1000, record.timestamp_ns, record.sequence, record.id]


def write_cursor(record: LogRecord) -> str:
    """The place, as a word for addresses."""
    return base64.urlsafe_b64encode(orjson.dumps(key_of(record))).decode().rstrip("=")


def read_cursor(text: str) -> list[int]:
    """The place that a cursor names."""
    try:
        found = orjson.loads(base64.urlsafe_b64decode(text[:200] + "=" * (-len(text) % 4)))
        key = [int(part) for part in found]
        clock.from_ns(key[0] * 1000)
    except (binascii.Error, ValueError, TypeError, KeyError, OverflowError, IndexError):
        raise ValueError("cursor: not one that was given out; start again without it") from None
    if len(key) != 4:
        raise ValueError("cursor: not one that was given out; start again without it")
    return key


def older_than(key: list[int]) -> Q:
    """Everything after this place, newest first. The first condition alone lets the index do most of the work."""
    moment = clock.from_ns(key[0] * 1000)
    return Q(timestamp__lte=moment) & beyond("lt", moment, key)


def newer_than(key: list[int]) -> Q:
    """Everything before this place, newest first."""
    moment = clock.from_ns(key[0] * 1000)
    return Q(timestamp__gte=moment) & beyond("gt", moment, key)


def beyond(side: str, moment: Any, key: list[int]) -> Q:
    """Row comparison over the four parts of the order."""
    _, rest, sequence, row_id = key
    return (
        Q(**{f"timestamp__{side}": moment})
        | Q(timestamp=moment, **{f"timestamp_ns__{side}": rest})
        | Q(timestamp=moment, timestamp_ns=rest, **{f"sequence__{side}": sequence})
        | Q(timestamp=moment, timestamp_ns=rest, sequence=sequence, **{f"id__{side}": row_id})
    )
