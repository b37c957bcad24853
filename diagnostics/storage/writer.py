"""Group commit: requests that arrive together share a transaction, so that many small ones cost few commits.

A thread with a connection of its own takes everything that waits, writes it, commits, and only then says so. The queue
is bounded: when the database does not keep up, senders are told to wait instead of filling memory.
"""

import logging
import threading
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final

import psycopg
from django.db import connection as django_connection
from psycopg.errors import DataError, IntegrityError

from diagnostics.core.errors import Unavailable
from diagnostics.core.ids import RowIds
from diagnostics.storage.batch import PreparedBatch, Receipt
from diagnostics.storage.write import Sql, find_committed, write_apart, write_group

logger = logging.getLogger(__name__)

GROUP_ROWS: Final = 5000  # written in one transaction: long enough to spread the commit, short enough to answer soon
QUEUED_ROWS: Final = 100_000  # beyond this a request is refused for now: bounds memory
WRITERS: Final = 2  # one serialises while the other waits for its commit
RETRY_SECONDS: Final = 3.0  # a restarting database is waited for so long before senders are told to come back

Job = tuple[PreparedBatch, "Future[Receipt]"]


class Writer:
    """Writes prepared batches in the background; `submit` gives a future that ends after the commit."""

    def __init__(self) -> None:
        self.jobs: deque[Job] = deque()
        self.rows = 0
        self.ready = threading.Condition()
        self.threads: list[threading.Thread] = []
        self.closed = False

    def submit(self, batch: PreparedBatch) -> "Future[Receipt]":
        """Queue a batch; Unavailable when too much waits already."""
        job: Job = (batch, Future())
        with self.ready:
            if self.rows > QUEUED_ROWS:
                raise Unavailable("the database does not keep up; send again later")
            self.start_threads()
            self.jobs.append(job)
            self.rows += batch.rows
            self.ready.notify()
        return job[1]

    def start_threads(self) -> None:
        """On first use, so that a process that never ingests has none."""
        if not self.threads:
            self.closed = False
            self.threads = [threading.Thread(target=self.work, name="writer", daemon=True) for _ in range(WRITERS)]
            for thread in self.threads:
                thread.start()

    def close(self) -> None:
        """Write what waits, then end the threads."""
        with self.ready:
            self.closed = True
            self.ready.notify_all()
        for thread in self.threads:
            thread.join()
        self.threads = []

    def take(self) -> list[Job]:
        """Wait for work and take a group of it; empty when closed."""
        with self.ready:
            while not self.jobs and not self.closed:
                self.ready.wait()
            group: list[Job] = []
            size = 0
            while self.jobs and size < GROUP_ROWS:
                group.append(self.jobs.popleft())
                size += group[-1][0].rows
            self.rows -= size
            return group

    def work(self) -> None:
        """One thread's life."""
        session = Session()
        while group := self.take():
            try:
                write_jobs(session, group)
            except Exception:  # the thread must live; nobody is left without an answer
                logger.exception("writing a group of %d requests failed", len(group))
                fail(group, Unavailable("the records could not be stored; send again later"))
        session.close()


class Session:
    """One thread's connection and ids; opened when needed, opened again when lost."""

    def __init__(self) -> None:
        self.connection: Sql | None = None
        self.ids = RowIds(self.next_block)

    def open(self) -> Sql:
        """The connection, a new one where there is none."""
        if self.connection is None or self.connection.closed:
            self.connection = psycopg.connect(**connection_parameters(), autocommit=True)
        return self.connection

    def next_block(self) -> int:
        """The last id of a fresh block; taken outside any transaction's fate: sequences never roll back."""
        row = self.open().execute("SELECT nextval('diagnostics_row_id')").fetchone()
        assert row is not None
        return int(row[0])

    def close(self) -> None:
        """Give the connection up."""
        if self.connection is not None:
            with suppress(psycopg.Error):
                self.connection.close()
            self.connection = None


def connection_parameters() -> dict[str, Any]:
    """Django's own settings for this database, without its pool."""
    parameters = dict(django_connection.get_connection_params())
    for name in ("pool", "cursor_factory", "context", "prepare_threshold", "server_side_binding", "isolation_level"):
        parameters.pop(name, None)
    return {**parameters, "connect_timeout": 3, "application_name": "diagnostics-ingest"}


def write_jobs(session: Session, group: list[Job]) -> None:
    """Write a group and end its futures; a lost connection is tried again, a refused group is taken apart."""
    deadline = time.monotonic() + RETRY_SECONDS
    while True:
        try:
            receipts = write_batches(session, [batch for batch, _ in group])
        except (DataError, IntegrityError):
            write_one_by_one(session, group)
            return
        except psycopg.Error as error:
            session.close()
            if time.monotonic() > deadline:
                logger.warning("the database is away: %s", type(error).__name__)
                fail(group, Unavailable("the database is away; send again later"))
                return
            time.sleep(0.2)
        else:
            for (_, future), receipt in zip(group, receipts, strict=True):
                future.set_result(receipt)
            return


def write_batches(session: Session, batches: list[PreparedBatch]) -> list[Receipt]:
    """Write a group once, also when the connection was lost while an earlier try was committing."""
    connection = session.open()
    if find_committed(connection, batches):
        return [Receipt(batch.rows, batch.parsed.rejections) for batch in batches]
    return write_group(connection, session.ids, batches)


def write_one_by_one(session: Session, group: list[Job]) -> None:
    """One bad record must not cost the others of its group."""
    for batch, future in group:
        try:
            future.set_result(write_group(session.open(), session.ids, [batch])[0])
        except (DataError, IntegrityError):
            future.set_result(write_apart(session.open(), session.ids, batch))


def fail(group: list[Job], error: Exception) -> None:
    """Tell everyone in the group who has no answer yet."""
    for _, future in group:
        if not future.done():
            future.set_exception(error)


WRITER: Final = Writer()
