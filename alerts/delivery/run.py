"""Delivery: claims due notifications, sends each through its integration, and writes down what came of it.

A claim is a lease: `next_attempt_at` moves ahead in a short transaction, then the call is made outside of any. A
worker killed in between leaves an attempt "unknown", and the notification comes due again with the same id.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from alerts.delivery.errors import DeliveryError
from alerts.delivery.hand_over import hand_over
from alerts.delivery.render import clean
from alerts.delivery.retry import next_delay
from alerts.integrations.base import Sent
from alerts.models import DeliveryAttempt, Notification, Target
from diagnostics.core import clock

logger = logging.getLogger(__name__)

Action, State = Notification.Action, Notification.State
Outcome = DeliveryAttempt.Outcome

LEASE: Final = timedelta(seconds=45)  # longer than the client's deadline, shorter than the task's
MOST_ATTEMPTS: Final = 150  # a guard: it is `give_up_at` that ends the tries
RUN_SECONDS: Final = 25  # a task ends before its own time limit; what is left is claimed by the next
ERROR_CHARS: Final = 300


def deliver_due() -> int:
    """Send everything that is due; returns how many attempts were made."""
    give_up_abandoned()
    end = time.monotonic() + RUN_SECONDS
    made = 0
    while time.monotonic() < end:
        claimed = claim_next()
        if claimed is None:
            break
        deliver(*claimed)
        made += 1
    return made


def give_up_abandoned() -> None:
    """What workers died over again and again, or until it was too late; what was never tried still gets its try."""
    now = clock.now()
    over = Q(attempts__gte=MOST_ATTEMPTS) | Q(attempts__gt=0, give_up_at__lt=now)
    Notification.objects.filter(over, state=State.PENDING, next_attempt_at__lte=now).update(state=State.FAILED)


def is_due() -> bool:
    """Whether a notification waits to be sent now."""
    return Notification.objects.filter(state=State.PENDING, next_attempt_at__lte=clock.now()).exists()


def claim_next() -> tuple[Notification, DeliveryAttempt] | None:
    """Lease one due notification and write its attempt; None when nothing is due.

    Order is kept per incident and target: while an earlier notification is pending, a later one waits. Tests stand
    outside: a person who tests a target that fails must not wait for what fails.
    """
    now = clock.now()
    with transaction.atomic():
        earlier = Notification.objects.filter(
            incident=OuterRef("incident"), target=OuterRef("target"), state=State.PENDING,
            created_at__lt=OuterRef("created_at"),
        ).exclude(action=Action.TEST)  # fmt: skip
        found = (
            Notification.objects.filter(state=State.PENDING, next_attempt_at__lte=now)
            .filter(Q(action=Action.TEST) | ~Exists(earlier))
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("incident__environment", "incident__rule", "target")
            .order_by("next_attempt_at")
            .first()
        )
        if found is None:
            return None
        found.attempts += 1
        found.next_attempt_at = now + LEASE
        found.save(update_fields=["attempts", "next_attempt_at"])
        return found, DeliveryAttempt.objects.create(notification=found, started_at=now)


def deliver(notification: Notification, attempt: DeliveryAttempt) -> None:
    """Make the call and record its outcome."""
    started = time.monotonic()
    try:
        sent = send(notification)
    except DeliveryError as error:
        record_failure(notification, attempt, error, started)
    except Exception as error:  # a broken template or integration must not stop the others
        logger.exception("notification %s cannot be sent", notification.pk)
        broken = DeliveryError(f"internal error ({type(error).__name__})")
        record_failure(notification, attempt, broken, started)
    else:
        record_success(notification, attempt, sent, started)


def send(notification: Notification) -> Sent:
    """Through the target's integration."""
    target = notification.target
    if not target.enabled and notification.action != Action.TEST:
        raise DeliveryError("the target is switched off", permanent=True)
    return hand_over(notification)


def record_success(notification: Notification, attempt: DeliveryAttempt, sent: Sent, started: float) -> None:
    """Sent."""
    now = clock.now()
    with transaction.atomic():
        finish(attempt, Outcome.SENT, sent.status, sent.note, started)
        Notification.objects.filter(pk=notification.pk).update(
            state=State.SENT, sent_at=now, time_to_alert_ms=milliseconds_since(notification, now)
        )
        Target.objects.filter(pk=notification.target_id, failing_since__isnull=False).update(failing_since=None)


def milliseconds_since(notification: Notification, now: datetime) -> int:
    """From the decision to the hand-over."""
    return max(0, int((now - notification.created_at).total_seconds() * 1000))


def record_failure(notification: Notification, attempt: DeliveryAttempt, error: DeliveryError, started: float) -> None:
    """Try again later, or give up for good; the target's trouble is noted."""
    now = clock.now()
    delay = next_delay(notification.attempts, error.retry_after)
    gives_up = error.permanent or notification.attempts >= MOST_ATTEMPTS or now + delay > notification.give_up_at
    with transaction.atomic():
        finish(attempt, Outcome.PERMANENT if gives_up else Outcome.RETRY, error.status, str(error), started)
        # Only while it is pending: a worker whose lease ran out must not take back what another has sent.
        Notification.objects.filter(pk=notification.pk, state=State.PENDING).update(
            state=State.FAILED if gives_up else State.PENDING, next_attempt_at=now + delay
        )
        if gives_up and notification.action == Action.TRIGGER:
            drop_followers(notification)
        targets = Target.objects.filter(pk=notification.target_id)
        targets.filter(failing_since=None).update(failing_since=now)
        if error.disables:
            targets.update(enabled=False, disabled_reason=clean(str(error))[:200])


def drop_followers(trigger: Notification) -> None:
    """Nobody is told of the end of what they were never told of."""
    waiting = Notification.objects.filter(incident=trigger.incident, target=trigger.target, state=State.PENDING)
    waiting.exclude(action=Action.TEST).update(state=State.SUPPRESSED, reason=Notification.Reason.NEVER_TRIGGERED)


def finish(attempt: DeliveryAttempt, outcome: str, status: int | None, error: str, started: float) -> None:
    """Complete the attempt's row."""
    attempt.outcome, attempt.status_code = outcome, status
    attempt.error = clean(error)[:ERROR_CHARS]
    attempt.duration_ms = int((time.monotonic() - started) * 1000)
    attempt.save(update_fields=["outcome", "status_code", "error", "duration_ms"])
