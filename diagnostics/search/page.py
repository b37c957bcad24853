"""Reading results a page at a time: by key, not by number, so that the last page costs what the first does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import OperationalError
from django.db.models import Q, QuerySet

from diagnostics.core.cursor import read_cursor, write_cursor
from diagnostics.models import LogRecord
from diagnostics.storage.timeouts import time_limit, was_stopped

PAGE_SIZE: Final = 100
SEARCH_SECONDS: Final = 5  # a search that takes longer is stopped: it would take the database from everybody else

Key = tuple[datetime, int, int, int]  # a record's place in the one order


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
        rows = rows.filter(older_than(read_key(cursor)))
    records = list(rows.order_by(*LogRecord.NEWEST_FIRST)[: size + 1])
    more = len(records) > size
    return LogPage(records[:size], write_cursor(*key_of(records[size - 1])) if more else "")


def key_of(record: LogRecord) -> Key:
    """Where a record stands."""
    return record.timestamp, record.timestamp_ns, record.sequence, record.id


def read_key(cursor: str) -> Key:
    """The place that a cursor names."""
    moment, rest, sequence, row_id = read_cursor(cursor, datetime, int, int, int)
    return moment, rest, sequence, row_id


def older_than(key: Key) -> Q:
    """Everything after this place, newest first. The first condition alone lets the index do most of the work."""
    return Q(timestamp__lte=key[0]) & beyond("lt", key)


def newer_than(key: Key) -> Q:
    """Everything before this place, newest first."""
    return Q(timestamp__gte=key[0]) & beyond("gt", key)


def beyond(side: str, key: Key) -> Q:
    """Row comparison over the four parts of the order."""
    moment, rest, sequence, row_id = key
    return (
        Q(**{f"timestamp__{side}": moment})
        | Q(timestamp=moment, **{f"timestamp_ns__{side}": rest})
        | Q(timestamp=moment, timestamp_ns=rest, **{f"sequence__{side}": sequence})
        | Q(timestamp=moment, timestamp_ns=rest, sequence=sequence, **{f"id__{side}": row_id})
    )
