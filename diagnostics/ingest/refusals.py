"""Counting what quotas refuse: in memory at once, in the database every few seconds, so that a flood costs few writes."""

import logging
import threading
from collections import Counter
from datetime import datetime
from typing import Final

from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from diagnostics.core import clock
from diagnostics.models import Environment, QuotaRefusal
from diagnostics.storage.expiring import delete_some

logger = logging.getLogger(__name__)

WRITE_EVERY: Final = 2.0  # seconds
Series = tuple[int, int, datetime]  # environment, key, hour
UPSERT: Final = """
INSERT INTO diagnostics_quota_refusal AS kept (environment_id, ingest_key_id, hour, requests, records)
VALUES (%s, %s, %s, %s, %s) ON CONFLICT (environment_id, hour, ingest_key_id)
DO UPDATE SET requests = kept.requests + excluded.requests, records = kept.records + excluded.records
"""


class Refusals:
    """What was counted and is not written yet."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.requests: Counter[Series] = Counter()
        self.records: Counter[Series] = Counter()
        self.timer: threading.Timer | None = None

    def note(self, environment_id: int, key_id: int, *, requests: int = 0, records: int = 0) -> None:
        """From any thread or event loop; never waits for the database."""
        series = (environment_id, key_id, clock.now().replace(minute=0, second=0, microsecond=0))
        with self.lock:
            self.requests[series] += requests
            self.records[series] += records
            self.wait()

    def write_apart(self) -> None:
        """In the timer's thread, with a connection that is given back."""
        try:
            self.write()
        except DatabaseError as error:
            logger.warning("refusals cannot be counted now: %s", type(error).__name__)
        finally:
            connections.close_all()

    def write(self) -> None:
        """Add what was counted to the rows. What the database does not take when it fails is kept for the next time; what
        it refuses (the environment is gone) is dropped."""
        with self.lock:
            requests, records, timer = self.requests, self.records, self.timer
            self.requests, self.records, self.timer = Counter(), Counter(), None
        if timer is not None:
            timer.cancel()  # whoever writes does what it waits for
        if not requests and not records:
            return
        try:
            for series in sorted({*requests, *records}):
                try:
                    with transaction.atomic(), connection.cursor() as cursor:
                        cursor.execute(UPSERT, [*series, requests[series], records[series]])
                except IntegrityError:
                    logger.warning("refusals of environment %d cannot be counted: it is gone", series[0])
                del requests[series], records[series]
        except DatabaseError:
            with self.lock:
                self.requests.update(requests)
                self.records.update(records)
                self.wait()
            raise

    def wait(self) -> None:
        """Write in a while; the caller holds the lock."""
        if self.timer is None:
            self.timer = threading.Timer(WRITE_EVERY, self.write_apart)
            self.timer.daemon = True
            self.timer.start()

    def hush(self) -> None:
        """Drop what is not written; for tests."""
        with self.lock:
            timer, self.timer = self.timer, None
            self.requests.clear()
            self.records.clear()
        if timer is not None:
            timer.cancel()
            timer.join()


REFUSALS: Final = Refusals()


def expire_refusals(environment: Environment, before: datetime) -> bool:
    """Forget them with the records; whether there may be more."""
    return delete_some(QuotaRefusal.objects.filter(environment=environment, hour__lt=before))
