"""What came of an attempt, written down: sent, to be tried again, or given up, with all that follows from it."""

import time
import uuid
from datetime import datetime
from typing import Final

from django.db import transaction

from alerts.delivery.errors import DeliveryError
from alerts.delivery.kinds import hears, priority_of
from alerts.delivery.ledger import write_rows
from alerts.delivery.plan import USEFUL_FOR
from alerts.delivery.render import clean
from alerts.delivery.retry import is_retried, next_delay
from alerts.delivery.told_after import told_after_ms
from alerts.integrations.base import Sent
from alerts.models import DeliveryAttempt, Notification, Target
from diagnostics.core import clock

Action, Reason, State = Notification.Action, Notification.Reason, Notification.State
Outcome = DeliveryAttempt.Outcome
NEWS: Final = (Action.TRIGGER, Action.UPDATE, Action.DIGEST)

MOST_ATTEMPTS: Final = 150  # a guard: it is `give_up_at` that ends the tries
ERROR_CHARS: Final = 300
REFUSALS: Final = 5  # in a row: the target is wrong, not the message


def record_success(row: Notification, attempt: DeliveryAttempt, sent: Sent, started: float) -> None:
    """Sent."""
    now = clock.now()
    with transaction.atomic():
        finish(attempt, Outcome.SENT, sent.status, sent.note, started)
        Notification.objects.filter(pk=row.pk).update(
            state=State.SENT, sent_at=now, time_to_alert_ms=told_after_ms(row, now)
        )
        if row.target.failing_since is not None:
            Target.objects.filter(pk=row.target_id).update(failing_since=None)


def record_failure(row: Notification, attempt: DeliveryAttempt, error: DeliveryError, started: float) -> None:
    """Try again later, or give up for good; the target's trouble is noted. What reached some is sent, in the end, and no
    trouble of the target's."""
    now = clock.now()
    delay = next_delay(row.attempts, error.retry_after)
    gives_up = error.permanent or row.attempts >= MOST_ATTEMPTS or now + delay > row.give_up_at
    if error.partly and gives_up:
        record_success(row, attempt, Sent(error.status, note=str(error)), started)
        return
    with transaction.atomic():
        finish(attempt, Outcome.PERMANENT if gives_up else Outcome.RETRY, error.status, str(error), started)
        # Only while it is pending: a worker whose lease ran out must not take back what another has sent.
        pending = Notification.objects.filter(pk=row.pk, state=State.PENDING)
        if not gives_up:
            pending.update(next_attempt_at=now + delay)
        elif pending.update(state=State.FAILED):
            follow_up(row, now)
        if error.partly:
            Target.objects.filter(pk=row.target_id).exclude(failing_since=None).update(failing_since=None)
        else:
            Target.objects.filter(pk=row.target_id, failing_since=None).update(failing_since=now)
            disable_target(row.target_id, error, gives_up)


def give_up(row: Notification, now: datetime) -> None:
    """Nothing more comes of it; in the caller's transaction, which holds it."""
    Notification.objects.filter(pk=row.pk).update(state=State.FAILED)
    follow_up(row, now)


def follow_up(row: Notification, now: datetime) -> None:
    """What was given up: the fallback is told, and nobody is told of the end of what they were never told of."""
    if row.action in NEWS:
        tell_fallback(row, now)
    if row.action == Action.TRIGGER:
        drop_followers(row)


def tell_fallback(row: Notification, now: datetime) -> None:
    """Hand it to the target that stands in. It has a row of its own already when it was told of the same event."""
    fallback = row.target.fallback
    if fallback is None or not fallback.enabled or not hears(fallback, row.about, row.action):
        return
    stand_in = Notification(
        id=uuid.uuid4(), incident=row.incident, event=row.event, target=fallback, rule_name=row.rule_name,
        severity=row.severity, priority=priority_of(row.severity, fallback), action=row.action, fallback_of=row,
        detail=f"{row.target.name} could not be reached.", created_at=now, next_attempt_at=now, give_up_at=now + USEFUL_FOR,
    )  # fmt: skip
    write_rows([stand_in])


def drop_followers(trigger: Notification) -> None:
    """What waits behind a trigger that nobody got."""
    rows = Notification.objects.filter(incident=trigger.incident, target=trigger.target, state=State.PENDING)
    rows.update(state=State.SUPPRESSED, reason=Reason.NEVER_TRIGGERED, detail="The beginning could not be told.")


def disable_target(target_id: int, error: DeliveryError, gives_up: bool) -> None:
    """The receiver is gone, or has refused one message after the other: calling on is of no use. Others are told."""
    reason = clean(str(error))[:200] if error.disables else ""
    if not reason and gives_up and is_refused_always(target_id):
        reason = f"the receiver refused {REFUSALS} messages in a row"
    if reason:
        Target.objects.filter(pk=target_id).update(enabled=False, disabled_reason=reason)


def is_refused_always(target_id: int) -> bool:
    """Whether the newest messages that came to an end were all refused by the receiver, however often it was asked."""
    ends = DeliveryAttempt.objects.filter(
        notification__target_id=target_id, outcome__in=(Outcome.SENT, Outcome.PERMANENT)
    )
    newest = ends.order_by("-started_at", "-pk")
    found = list(newest.values_list("outcome", "status_code")[:REFUSALS])
    return len(found) == REFUSALS and all(
        outcome == Outcome.PERMANENT and is_refusal(status) for outcome, status in found
    )


def is_refusal(status: int | None) -> bool:
    """Whether the receiver would say the same to the next message; not that it had no time or was asked too often."""
    return status is not None and 300 <= status < 500 and not is_retried(status)


def finish(attempt: DeliveryAttempt, outcome: str, status: int | None, error: str, started: float) -> None:
    """Complete the attempt's row."""
    attempt.outcome, attempt.status_code = outcome, status
    attempt.error = clean(error)[:ERROR_CHARS]
    attempt.duration_ms = int((time.monotonic() - started) * 1000)
    attempt.save(update_fields=["outcome", "status_code", "error", "duration_ms"])
