"""Claiming: one due notification is leased to one worker, in a short transaction, before any call is made.

A worker killed in between leaves an attempt "unknown", and the notification comes due again with the same id. One over
which workers die again and again stays away longer each time, so that it holds up nobody, and is given up in the end.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from alerts.delivery.budget import take_token
from alerts.delivery.hushing import hush_waiting
from alerts.delivery.kinds import bearing_of
from alerts.delivery.outcome import MOST_ATTEMPTS, give_up
from alerts.models import DeliveryAttempt, Notification
from diagnostics.core import clock

Action = Notification.Action

LEASE: Final = timedelta(seconds=45)  # longer than the client's deadline, shorter than the task's
MOST_POSTPONED: Final = 500  # rows that one claim puts off; more are left to the next
Claim = tuple[Notification, DeliveryAttempt]

# What may be sent at a moment. Order is kept per incident and target: while an earlier notification is pending, a later
# one waits, also one that began and ended in one moment. Tests stand outside: a person who tests a target that fails must
# not wait for what fails.
DUE: Final = """
FROM alerts_notification AS due
WHERE state = 'pending' AND NOT is_held AND next_attempt_at <= %s AND (action = 'test' OR NOT EXISTS (
    SELECT FROM alerts_notification AS earlier
    WHERE earlier.incident_id = due.incident_id AND earlier.target_id = due.target_id
        AND earlier.state = 'pending' AND earlier.action <> 'test'
        AND (earlier.created_at < due.created_at
            OR earlier.created_at = due.created_at AND earlier.event_id < due.event_id)
))
"""
WORST: Final = f"SELECT id {DUE} ORDER BY priority DESC, next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED"
COUNT: Final = f"SELECT count(*), min(next_attempt_at) {DUE}"


def claim_next() -> Claim | None:
    """Lease one due notification and write its attempt; None when nothing is due that its target's budget allows."""
    for _ in range(MOST_POSTPONED):
        with transaction.atomic():
            found = find_due(clock.now())
            if found is None:
                return None
            if hush_waiting(found, clock.now()):
                continue
            if is_abandoned(found, clock.now()):
                give_up(found, clock.now())
            elif not is_over_budget(found, clock.now()):
                return lease(found, clock.now())
    return None


def find_due(now: datetime) -> Notification | None:
    """The worst that is due, locked; what other workers hold is passed over. It is looked for by itself: to plan and to
    write down the joins that sending needs costs more than all else, and many looks find nothing."""
    with connection.cursor() as cursor:
        cursor.execute(WORST, [now])
        found = cursor.fetchone()
    needed = Notification.objects.select_related("incident__environment", "incident__rule", "target", "event")
    return needed.get(pk=found[0]) if found is not None else None


def count_due(now: datetime) -> tuple[int, datetime | None]:
    """How many may be sent, and since when the oldest may."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [now])
        number, oldest = cursor.fetchone()
    return number, oldest


def is_abandoned(row: Notification, now: datetime) -> bool:
    """Workers died over it again and again, or until it was too late; what was never tried still gets its try."""
    return row.attempts >= MOST_ATTEMPTS or (row.attempts > 0 and row.give_up_at < now)


def is_over_budget(row: Notification, now: datetime) -> bool:
    """Take a token of the target's; without one the row waits for the next, news to be told together with others."""
    if row.action == Action.TEST:
        return False
    wait = take_token(row.target, now)
    if not wait:
        return False
    row.next_attempt_at = now + wait
    row.is_held = row.action in (Action.TRIGGER, Action.UPDATE) and not bearing_of(row.target).is_pager
    row.detail = f"Waits for the target's budget, until {row.next_attempt_at:%H:%M:%S} UTC."
    row.save(update_fields=["next_attempt_at", "is_held", "detail"])
    return True


def lease(row: Notification, now: datetime) -> Claim:
    """Move it ahead, and write the attempt before it is made."""
    deaths = row.delivery_attempts.filter(outcome=DeliveryAttempt.Outcome.UNKNOWN).count() if row.attempts else 0
    row.attempts += 1
    row.next_attempt_at = now + LEASE * 2 ** min(deaths, 4)
    row.save(update_fields=["attempts", "next_attempt_at"])
    return row, DeliveryAttempt.objects.create(notification=row, started_at=now)
