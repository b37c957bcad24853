"""Folds of the digest that hand snapshots over: a session crashed, an error is news. They write rows; no record is read.

What a budget leaves out is counted. Both folds take the same rows in the same order in every digest, so that no two stop
each other.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from diagnostics.core import clock
from diagnostics.digest.errors import add_up, moment_of
from diagnostics.models import Environment, ErrorGroup, IngestBatch, MinuteRollup
from diagnostics.pipeline.parts import CRASHED, FIRST, KEY, LAST, read_parts
from sessions_app.models import DueSnapshot, LogSession, Snapshot
from sessions_app.snapshots.bell import BELL, DELAY

MOST_DUE: Final = 20  # of an environment, kind and hour: a storm of crashes has few stories
HOUR: Final = timedelta(hours=1)
RECENT: Final = timedelta(hours=6)  # what is older is history that somebody imports
CAME_BACK_WITHIN: Final = timedelta(minutes=10)  # a digest may wait; the moment itself makes it one
ASKED_FOR: Final = 2_000  # subjects that one statement names
FATALS: Final = MinuteRollup.COUNTS.index("fatals")
SESSION_CHARS: Final = 200

# A digest of another worker may count in the same hour.
COUNT: Final = """
INSERT INTO sessions_app_leftout AS stored (environment_id, reason, hour, count) VALUES (%s, %s, %s, %s)
ON CONFLICT (environment_id, reason, hour) DO UPDATE SET count = stored.count + excluded.count
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One snapshot that would be worth taking."""

    environment_id: int
    reason: Snapshot.Reason
    subject: str
    period: datetime
    since: datetime
    until: datetime


def fold_crashes(batches: Sequence[IngestBatch]) -> None:
    """Before the sessions are folded: those that had crashed already are no new crashes."""
    found: dict[tuple[int, str], tuple[int, int]] = {}
    for batch in batches:
        if not any(row[5][FATALS] for row in batch.sums):
            continue
        for part in read_parts(batch.sessions):
            if part[CRASHED]:
                key = (batch.environment_id, part[KEY][:SESSION_CHARS])
                first, last = found.get(key, (part[FIRST], part[LAST]))
                found[key] = min(first, part[FIRST]), max(last, part[LAST])
    hand_over(crash_of(key, *bounds) for key, bounds in sorted(found.items()))


def crash_of(key: tuple[int, str], first: int, last: int) -> Wanted:
    """Once a day for a session, however often it tells of it."""
    since, until = moment_of(first), moment_of(last)
    day = until.replace(hour=0, minute=0, second=0, microsecond=0)
    return Wanted(key[0], Snapshot.Reason.CRASH, key[1], day, since, until)


def fold_news(batches: Sequence[IngestBatch]) -> None:
    """After the errors are folded: those that this digest was the first to see, and those that came back with it."""
    if not any(batch.findings.get("errors") for batch in batches):
        return
    found = add_up(batches)
    recently = clock.now() - CAME_BACK_WITHIN
    groups = ErrorGroup.objects.filter(environment_id__in={key[0] for key in found}).exclude(news="")
    wanted = []
    for group in groups.filter(fingerprint__in={key[1] for key in found}).order_by("environment_id", "fingerprint"):
        tally = found.get((group.environment_id, group.fingerprint))
        if tally is None:
            continue
        is_first = group.news == ErrorGroup.News.NEW and group.records == tally.records
        if is_first and group.noticed_at is not None:
            reason, period = Snapshot.Reason.NEW_ERROR, group.noticed_at
        elif group.came_back_at is not None and group.came_back_at >= recently:
            reason, period = Snapshot.Reason.CAME_BACK, group.came_back_at
        else:
            continue
        since, until = moment_of(tally.first), moment_of(tally.last)
        wanted.append(Wanted(group.environment_id, reason, group.fingerprint, period, since, until))
    hand_over(wanted)


def hand_over(wanted: Iterable[Wanted]) -> None:
    """Write what the budgets of their environments leave room for, and ring when it is time."""
    together: dict[tuple[int, Snapshot.Reason], list[Wanted]] = defaultdict(list)
    oldest = clock.now() - RECENT
    for one in wanted:
        if one.until >= oldest:
            together[one.environment_id, one.reason].append(one)
    if not together:
        return
    on = Environment.objects.filter(pk__in={key[0] for key in together}, snapshots_enabled=True)
    switched_on = set(on.values_list("pk", flat=True))
    written = 0
    for (environment_id, reason), group in sorted(together.items()):
        if environment_id in switched_on:
            written += write_within_budget(environment_id, reason, group)
    if written:
        transaction.on_commit(BELL.ring, robust=True)


def write_within_budget(environment_id: int, reason: Snapshot.Reason, group: Sequence[Wanted]) -> int:
    """How many were written; the rest is counted as left out."""
    now = clock.now()
    rows = DueSnapshot.objects.filter(environment_id=environment_id, reason=reason)
    asked = {one.subject for one in group[:ASKED_FOR]}
    known = set(
        rows.filter(subject__in=asked, period__in={one.period for one in group}).values_list("subject", "period")
    )
    fresh = [one for one in group if (one.subject, one.period) not in known]
    room = max(MOST_DUE - rows.filter(created_at__gt=now - HOUR).count(), 0) if fresh else 0
    DueSnapshot.objects.bulk_create([due_of(one, now) for one in fresh[:room]], ignore_conflicts=True)
    if left := without_crashed(environment_id, reason, fresh[room:]):
        count_left_out(environment_id, reason, left)
    return len(fresh[:room])


def due_of(one: Wanted, now: datetime) -> DueSnapshot:
    """The row."""
    return DueSnapshot(
        environment_id=one.environment_id,
        reason=one.reason,
        subject=one.subject,
        period=one.period,
        since=one.since,
        until=one.until,
        created_at=now,
        due_at=now + DELAY,
    )


def without_crashed(environment_id: int, reason: Snapshot.Reason, left: Sequence[Wanted]) -> int:
    """How many were left out now, and not by a digest before: a session tells of its crash again and again."""
    if reason != Snapshot.Reason.CRASH or not left:
        return len(left)
    names = [one.subject for one in left[:ASKED_FOR]]
    crashed = LogSession.objects.filter(environment_id=environment_id, session_id__in=names, crashed=True)
    return len(left) - crashed.count()


def count_left_out(environment_id: int, reason: str, number: int) -> None:
    """Add to the hour's count."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [environment_id, str(reason), hour, number])
