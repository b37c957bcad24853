"""Publishing committed records to who watches. Nothing of record happens here: frames are hints, pages refill from
the store. When nobody watches, a batch costs one look at a dictionary; when Valkey is away, ingest does not notice.
"""

import logging
import queue
import threading
import time
from collections.abc import Sequence
from typing import Any, Final

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings

from diagnostics.core import clock
from diagnostics.core.record import Record
from diagnostics.live.wire import frame_record, group_of, watched_key

logger = logging.getLogger(__name__)

FRAME_RECORDS: Final = 200  # of one frame on the layer; the rest is counted and said
FRAME_SECONDS: Final = 0.2
WATCHED_BELIEVED: Final = 1.0  # seconds that the answer to "does anybody watch?" is believed
WAITING_BATCHES: Final = 200


class Publisher:
    """A thread that sends frames, so that the request never waits for Valkey."""

    def __init__(self) -> None:
        self.waiting: queue.Queue[tuple[int, Sequence[Record]]] = queue.Queue(WAITING_BATCHES)
        self.watched: dict[int, tuple[float, bool]] = {}
        self.thread: threading.Thread | None = None
        self.lock = threading.Lock()
        self.dropped: dict[int, int] = {}

    def offer(self, environment_id: int, records: Sequence[Record]) -> None:
        """Hand over a committed batch."""
        if not records:
            return
        if self.thread is None or not self.thread.is_alive():
            self.start()
        try:
            self.waiting.put_nowait((environment_id, records))
        except queue.Full:
            with self.lock:
                self.dropped[environment_id] = self.dropped.get(environment_id, 0) + len(records)

    def start(self) -> None:
        """On first use."""
        with self.lock:
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self.run, name="live", daemon=True)
                self.thread.start()

    def run(self) -> None:
        """Gather what comes within FRAME_SECONDS and send a frame for each environment that is watched."""
        client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
        while True:
            gathered = self.gather()
            for environment_id, records in gathered.items():
                try:
                    if self.is_watched(client, environment_id):
                        self.send(environment_id, records)
                except (redis.RedisError, OSError) as error:
                    logger.debug("live frames are off: %s", type(error).__name__)

    def gather(self) -> dict[int, list[Record]]:
        """Wait for a first batch, then take what follows it closely."""
        environment_id, records = self.waiting.get()
        gathered = {environment_id: list(records)}
        deadline = time.monotonic() + FRAME_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            try:
                environment_id, records = self.waiting.get(timeout=left)
            except queue.Empty:
                break
            gathered.setdefault(environment_id, []).extend(records)
        return gathered

    def is_watched(self, client: "redis.Redis", environment_id: int) -> bool:
        """Whether a page is open on the environment."""
        known = self.watched.get(environment_id)
        if known and known[0] > time.monotonic():
            return known[1]
        found = bool(client.exists(watched_key(environment_id)))
        self.watched[environment_id] = (time.monotonic() + WATCHED_BELIEVED, found)
        return found

    def send(self, environment_id: int, records: list[Record]) -> None:
        """One bounded frame. Errors come first when there are too many: they are what people watch for."""
        with self.lock:
            dropped = self.dropped.pop(environment_id, 0)
        if len(records) > FRAME_RECORDS:
            dropped += len(records) - FRAME_RECORDS
            worst = sorted(records, key=lambda record: -record.severity_number)[:FRAME_RECORDS]
            records = sorted(worst, key=lambda record: (record.timestamp_ns, record.sequence))
        frame: dict[str, Any] = {
            "type": "live.frame",
            "records": [frame_record(record) for record in records],
            "dropped": dropped,
            "sent_ns": clock.now_ns(),
        }
        layer = get_channel_layer()
        if layer is not None:
            async_to_sync(layer.group_send)(group_of(environment_id), frame)


PUBLISHER: Final = Publisher()


def publish_batch(environment_id: int, records: Sequence[Record]) -> None:
    """Called after the commit, in the web process."""
    PUBLISHER.offer(environment_id, records)
