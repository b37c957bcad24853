"""Rings when what was handed over is due: a little later, so that late breadcrumbs and what followed are there.

Losing a ring costs at most a minute: the sweep finds what no bell announced.
"""

import logging
import threading
from datetime import timedelta
from typing import Final

from django.db import DatabaseError, connections
from django_q.tasks import async_task

logger = logging.getLogger(__name__)

DELAY: Final = timedelta(seconds=8)
SPARE_SECONDS: Final = 0.5  # the row's clock and the timer's are not the same
TASK: Final = "sessions_app.tasks.snapshots_task"


class LateBell:
    """One ring stands for all that come while it waits; the task asks for another where something is due later."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.timer: threading.Timer | None = None

    def ring(self) -> None:
        """From any thread; never waits for the database."""
        with self.lock:
            if self.timer is None:
                self.timer = threading.Timer(DELAY.total_seconds() + SPARE_SECONDS, self.sound)
                self.timer.daemon = True
                self.timer.start()

    def sound(self) -> None:
        """Queue the task; a failure is only noted."""
        with self.lock:
            self.timer = None
        try:
            async_task(TASK)
        except DatabaseError as error:
            logger.warning("cannot ring for snapshots: %s", type(error).__name__)
        finally:
            connections.close_all()

    def hush(self) -> None:
        """Drop a ring that has not sounded; wait for one that sounds just now."""
        with self.lock:
            timer, self.timer = self.timer, None
        if timer is not None:
            timer.cancel()
            timer.join()


BELL: Final = LateBell()
