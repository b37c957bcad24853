"""The fold that wakes evaluation: a digest brought new sums to these environments.

What decides at once (a match, a crash, an error never seen before) is evaluated at once, in the worker that has just
committed the digest. Everything else is a matter of windows: one evaluation stands for all digests of PAUSE seconds. While the
environment rests, both wait for the end of the rest.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, connections, transaction
from django.db.models import Min
from django_q.tasks import async_task

from alerts.evaluation.late import JUDGED, SOONEST
from alerts.evaluation.new_templates import has_news
from alerts.evaluation.pace import evaluate_at_pace, rest_left
from alerts.models import AlertRule, LateMinute
from diagnostics.core import clock
from diagnostics.digest.pause import take_pause
from diagnostics.digest.rollups import moment_of
from diagnostics.models import ErrorGroup, IngestBatch, MinuteRollup

logger = logging.getLogger(__name__)

PAUSE: Final = 2.0  # seconds between two bells of one environment, whoever rings, where nothing is urgent
LATE_WITHIN: Final = timedelta(hours=6)  # what is older is history that somebody imports
NOTES: Final = 2_000  # late minutes noted by one digest
FATALS: Final = MinuteRollup.COUNTS.index("fatals")


def fold_alerts(batches: Sequence[IngestBatch]) -> None:
    """After the digest's commit, one evaluation an environment. Losing one costs at most a minute: the sweep does all."""
    together: dict[int, list[IngestBatch]] = defaultdict(list)
    for batch in batches:
        together[batch.environment_id].append(batch)
    for environment_id, group in sorted(together.items()):
        note_late(environment_id, group)
        wake_after_commit(environment_id, is_urgent=is_urgent(environment_id, group))


def wake_after_commit(environment_id: int, *, is_urgent: bool) -> None:
    """A failure is only noted. Django names the function in that note, which it cannot with a `partial`."""

    def wake_evaluation() -> None:
        wake(environment_id, is_urgent=is_urgent)

    transaction.on_commit(wake_evaluation, robust=True)


def is_urgent(environment_id: int, batches: Sequence[IngestBatch]) -> bool:
    """Whether anything in them may decide by itself."""
    if any(batch.findings.get("matches") for batch in batches):
        return True
    if any(row[5][FATALS] for batch in batches for row in batch.sums):
        return True
    if any(batch.templates.get("news") for batch in batches) and has_news(environment_id):
        return True
    told = any(batch.findings.get("errors") for batch in batches)
    return told and ErrorGroup.objects.filter(environment_id=environment_id).exclude(news="").exists()


def note_late(environment_id: int, batches: Sequence[IngestBatch]) -> None:
    """Minutes that some rule's window no longer holds when these records are evaluated, to be looked at again."""
    now = clock.now()
    newest, oldest = minute_of(now) - look_back(environment_id), minute_of(now - LATE_WITHIN)
    late = {(row[0], row[2]) for batch in batches for row in batch.sums if oldest <= row[0] <= newest}
    if late:
        LateMinute.objects.bulk_create(
            [
                LateMinute(environment_id=environment_id, minute=moment_of(minute), service_name=name, noted_at=now)
                for minute, name in sorted(late, reverse=True)[:NOTES]
            ],
            update_conflicts=True,
            unique_fields=["environment", "minute", "service_name"],
            update_fields=["noted_at", "evaluated_at"],
        )


def look_back(environment_id: int) -> int:
    """Minutes before this one that every rule surely looks at: its minute may turn before the evaluation comes."""
    rules = AlertRule.objects.filter(environment_id=environment_id, enabled=True, condition__in=JUDGED)
    shortest = rules.aggregate(minutes=Min("window_minutes"))["minutes"]
    return min(shortest or SOONEST, SOONEST) - 1


def minute_of(moment: datetime) -> int:
    """The number of a moment's minute."""
    return clock.minute_of(clock.to_ns(moment))


def wake(environment_id: int, *, is_urgent: bool) -> None:
    """Evaluate now, or ring for it when the rest or the pause is over."""
    left = rest_left(environment_id)
    if is_urgent and not left:
        evaluate_at_pace(environment_id)
    else:
        BELLS.ring(environment_id, left, is_urgent=is_urgent)


class Bells:
    """Rings for an environment at once, then at most every PAUSE seconds; what comes between is rung at its end. What is
    urgent waits for nothing but the rest."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: dict[int, tuple[float, threading.Timer]] = {}  # when it rings, and what rings then

    def ring(self, environment_id: int, left: float, *, is_urgent: bool) -> None:
        """There is something to evaluate, in `left` seconds at the earliest."""
        if not is_urgent:
            if environment_id in self.waiting:
                return
            left = left or take_pause(f"evaluate-{environment_id}", PAUSE)
        if left:
            self.wait(environment_id, left, is_urgent=is_urgent)
        else:
            ring(environment_id)

    def wait(self, environment_id: int, seconds: float, *, is_urgent: bool) -> None:
        """Ring then, unless that happens earlier anyhow."""
        with self.lock:
            due = time.monotonic() + seconds
            if environment_id in self.waiting:
                earlier, known = self.waiting[environment_id]
                if earlier <= due:
                    return
                known.cancel()
            timer = threading.Timer(seconds, self.sound, [environment_id], {"is_urgent": is_urgent})
            timer.daemon = True
            self.waiting[environment_id] = due, timer
            timer.start()

    def sound(self, environment_id: int, *, is_urgent: bool) -> None:
        """The wait is over. A failure is only noted: the sweep comes each minute."""
        with self.lock:
            self.waiting.pop(environment_id, None)
        try:
            self.ring(environment_id, 0.0, is_urgent=is_urgent)
        except DatabaseError as error:
            logger.warning("cannot ring for an evaluation: %s", type(error).__name__)
        finally:
            connections.close_all()

    def hush(self) -> None:
        """Drop what has not sounded."""
        with self.lock:
            timers = [timer for _, timer in self.waiting.values()]
            self.waiting.clear()
        for timer in timers:
            timer.cancel()
            timer.join()


BELLS: Final = Bells()


def ring(environment_id: int) -> None:
    """Queue an evaluation."""
    async_task("alerts.tasks.evaluate_task", environment_id)


def evaluate_or_wait(environment_id: int) -> None:
    """What was queued: evaluate, unless another worker just has; then once more when the environment has rested."""
    left = rest_left(environment_id)
    if left:
        BELLS.ring(environment_id, left, is_urgent=True)
    else:
        evaluate_at_pace(environment_id)
