"""Takes what is due. A row is leased, and settled in one transaction with its snapshot: a worker that dies leaves nothing
half done, and a task that comes twice finds it settled."""

import logging
import time
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import F

from diagnostics.core import clock, severity
from diagnostics.leases import is_free, take_lease
from diagnostics.models import Environment, ErrorGroup, LogRecord
from diagnostics.search.page import search_limits
from diagnostics.storage.turns import Turn, take_turn
from sessions_app.models import DueSnapshot, Snapshot
from sessions_app.snapshots.bell import BELL
from sessions_app.snapshots.due import HOUR, count_left_out
from sessions_app.snapshots.freeze import ErasureUnderWayError, freeze

logger = logging.getLogger(__name__)

SECONDS: Final = 20.0  # of one task; the rest is the next one's
LEASE: Final = timedelta(minutes=3)  # longer than the queue's own time limit
PAUSE: Final = timedelta(minutes=1)
MOST_TRIES: Final = 5
SAME_ERROR: Final = 3  # crashes of one error in an hour: more tell nothing new
LOOKED_AT: Final = 50  # first records of an error, among which one with a session tells most
NEWS_WITHIN: Final = timedelta(hours=1)

Outcome = DueSnapshot.Outcome


def take_due(seconds: float = SECONDS) -> int:
    """Work off what is due, for so long; how many rows were looked at."""
    deadline, done = time.monotonic() + seconds, 0
    while time.monotonic() < deadline and (due := claim()) is not None:
        settle_safely(due)
        done += 1
    if DueSnapshot.objects.filter(is_free(), outcome=Outcome.WAITING, due_at__lte=clock.now() + PAUSE / 2).exists():
        BELL.ring()
    return done


def claim() -> DueSnapshot | None:
    """Lease the row that has waited longest; nobody else has it."""
    waiting = DueSnapshot.objects.filter(is_free(), outcome=Outcome.WAITING, due_at__lte=clock.now())
    for due in waiting.order_by("due_at")[:10]:
        mine = DueSnapshot.objects.filter(pk=due.pk, outcome=Outcome.WAITING)
        if take_lease(mine, LEASE, tries=F("tries") + 1):
            due.refresh_from_db()
            return due
    return None


def settle_safely(due: DueSnapshot) -> None:
    """What fails is tried again some times; it holds up nothing else."""
    if due.tries > MOST_TRIES:  # whoever had it died each time
        note(due, Outcome.FAILED)
        return
    try:
        with search_limits():
            settle(due.pk)
    except ErasureUnderWayError:
        put_off(due, tries=due.tries - 1)
    except Exception:
        logger.exception("snapshot %d could not be taken", due.pk)
        if due.tries >= MOST_TRIES:
            note(due, Outcome.FAILED)
        else:
            put_off(due, tries=due.tries)


def settle(pk: int) -> None:
    """Decide, freeze and note, all or nothing."""
    due = DueSnapshot.objects.select_for_update().filter(pk=pk, outcome=Outcome.WAITING).first()
    if due is not None:
        note(due, take_one(due))


def note(due: DueSnapshot, outcome: str) -> None:
    """It is settled."""
    DueSnapshot.objects.filter(pk=due.pk).update(outcome=outcome, leased_until=None)


def put_off(due: DueSnapshot, tries: int) -> None:
    """Later."""
    DueSnapshot.objects.filter(pk=due.pk).update(due_at=clock.now() + PAUSE, leased_until=None, tries=max(tries, 0))


def take_one(due: DueSnapshot) -> str:
    """What became of it."""
    environment = Environment.objects.get(pk=due.environment_id)
    if not environment.snapshots_enabled:
        return Outcome.OFF
    take_turn(Turn.SNAPSHOTS, environment.pk)  # two rows may be about one record
    record = find_record(due)
    if record is None:
        return Outcome.GONE
    if add_to_known(due, record):
        return Outcome.SAME
    if due.reason == Snapshot.Reason.CRASH and has_enough(record):
        count_left_out(environment.pk, due.reason, 1)
        return Outcome.LEFT_OUT
    is_news = due.reason != Snapshot.Reason.CRASH or was_news(record)
    with transaction.atomic():
        freeze(environment, record, Snapshot.Reason(due.reason), is_news=is_news)
    return Outcome.TAKEN


def find_record(due: DueSnapshot) -> LogRecord | None:
    """The record that broke: a session's first fatal one; of an error one that can be followed back."""
    rows = LogRecord.objects.filter(
        environment_id=due.environment_id, timestamp__gte=due.since, timestamp__lte=due.until
    ).order_by(*LogRecord.ORDER)
    if due.reason == Snapshot.Reason.CRASH:
        return rows.filter(session_id=due.subject, severity_number__gte=severity.FATAL).first()
    found = list(rows.filter(fingerprint=due.subject, severity_number__gte=severity.ERROR)[:LOOKED_AT])
    return min(found, key=lambda item: (not item.session_id, not item.trace_id), default=None)


def add_to_known(due: DueSnapshot, record: LogRecord) -> bool:
    """Whether this very record is frozen already: a crash is often a new error as well. One story, both reasons."""
    rows = Snapshot.objects.filter(
        environment_id=due.environment_id, record=record.reference, happened_at=record.timestamp
    )
    known = rows.exclude(reason=Snapshot.Reason.BY_HAND).order_by("pk").first()
    if known is None:
        return False
    reasons = {known.reason, due.reason}
    if Snapshot.Reason.CRASH in reasons and len(reasons) > 1:
        rows.filter(pk=known.pk).update(reason=Snapshot.Reason.CRASH, is_news=True)
    return True


def has_enough(record: LogRecord) -> bool:
    """Whether crashes of this error were frozen within the hour."""
    rows = Snapshot.objects.filter(
        environment_id=record.environment_id, fingerprint=record.fingerprint, reason=Snapshot.Reason.CRASH
    )
    return rows.filter(taken_at__gt=clock.now() - HOUR).count() >= SAME_ERROR


def was_news(record: LogRecord) -> bool:
    """Whether nobody had seen its error before this hour."""
    return ErrorGroup.objects.filter(
        environment_id=record.environment_id,
        fingerprint=record.fingerprint,
        noticed_at__gt=record.observed_timestamp - NEWS_WITHIN,
        first_seen__gt=record.timestamp - NEWS_WITHIN,
    ).exists()
