"""The bell: tells the worker that there are batches to digest. Losing a ring, or ringing twice, changes nothing."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from django.db import DatabaseError, connections
from django_q.tasks import async_task

from diagnostics.digest.pause import take_pause

logger = logging.getLogger(__name__)

QUIET_SECONDS: Final = (
    1.0  # one ring stands for all that come so soon after it: a digest costs by the time, not by the record
)


class Bell:
    """Rings at once, then at most every QUIET_SECONDS; what comes between is rung at the end of the pause.

    Processes keep one pause together: `take_pause` tells how much is left of it.
    """

    def __init__(self, task: str, take_pause: Callable[[str, float], float] = take_pause) -> None:
        self.task = task
        self.take_pause = take_pause
        self.lock = threading.Lock()
        self.waiting = False
        self.timer: threading.Timer | None = None
        self.rung_at = -QUIET_SECONDS

    def ring(self) -> None:
        """From any thread or event loop; never waits for the database."""
        with self.lock:
            if self.waiting:
                return
            self.waiting = True
            self.sound_in(max(0.0, self.rung_at + QUIET_SECONDS - time.monotonic()))

    def sound_in(self, delay: float) -> None:
        """Seconds from now; the caller holds the lock."""
        self.timer = threading.Timer(delay, self.sound)
        self.timer.daemon = True
        self.timer.start()

    def sound(self) -> None:
        """Queue the task, when no other process has just done so. A failure is only noted: the sweep comes each minute."""
        left = self.take_pause(self.task, QUIET_SECONDS)
        with self.lock:
            if left:
                self.sound_in(left)
                return
            self.waiting = False
            self.rung_at = time.monotonic()
        try:
            async_task(self.task)
        except DatabaseError as error:
            logger.warning("cannot ring for a digest: %s", type(error).__name__)
        finally:
            connections.close_all()

    def hush(self) -> None:
        """Drop a ring that has not sounded; wait for one that sounds just now, and for what it put off meanwhile."""
        while True:
            with self.lock:
                timer, self.timer = self.timer, None
                if timer is None:
                    self.waiting = False
                    return
            timer.cancel()
            timer.join()


BELL: Final = Bell("diagnostics.tasks.digest_task")


def ring() -> None:
    """There is something to digest."""
    BELL.ring()
