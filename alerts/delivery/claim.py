"""Claiming: one due notification is leased to one worker, in a short transaction, before any call is made.

A worker killed in between leaves an attempt "unknown", and the notification comes due again with the same id. One over
which workers die again and again stays away longer each time, so that it holds up nobody.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from alerts.delivery.budget import take_token
from alerts.delivery.kinds import bearing_of
from alerts.models import DeliveryAttempt, Notification
from diagnostics.core import clock

Action, State = Notification.Action, Notification.State

LEASE: Final = timedelta(seconds=45)  # longer than the client's deadline, shorter than the task's
MOST_POSTPONED: Final = 500  # rows that one claim puts off; more are left to the next
Claim = tuple[Notification, DeliveryAttempt]


def claim_next() -> Claim | None:
    """Lease one due notification and write its attempt; None when nothing is due that its target's budget allows."""
    for _ in range(MOST_POSTPONED):
        with transaction.atomic():
            found = find_due(clock.now())
            if found is None:
                return None
            if not is_over_budget(found, clock.now()):
                return lease(found, clock.now())
    return None


def find_due(now: datetime) -> Notification | None:
    """The worst that is due, locked; what other workers hold is passed over."""
    return (
        due_rows(now)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("incident__environment", "incident__rule", "target__fallback", "event", "fallback_of")
        .order_by("-priority", "next_attempt_at")
        .first()
    )


def due_rows(now: datetime) -> "QuerySet[Notification]":
    """What may be sent now.

    Order is kept per incident and target: while an earlier notification is pending, a later one waits. Tests stand
    outside: a person who tests a target that fails must not wait for what fails.
    """
    at_once = Q(created_at=OuterRef("created_at"), event__lt=OuterRef("event"))  # began and ended in one moment
    earlier = Notification.objects.filter(
        Q(created_at__lt=OuterRef("created_at")) | at_once,
        incident=OuterRef("incident"), target=OuterRef("target"), state=State.PENDING,
    ).exclude(action=Action.TEST)  # fmt: skip
    due = Notification.objects.filter(state=State.PENDING, is_held=False, next_attempt_at__lte=now)
    return due.filter(Q(action=Action.TEST) | ~Exists(earlier))


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
    deaths = row.delivery_attempts.filter(outcome=DeliveryAttempt.Outcome.UNKNOWN).count()
    row.attempts += 1
    row.next_attempt_at = now + LEASE * 2 ** min(deaths, 4)
    row.save(update_fields=["attempts", "next_attempt_at"])
    return row, DeliveryAttempt.objects.create(notification=row, started_at=now)
