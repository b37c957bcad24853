"""Delivery: claims due notifications, sends each through its integration outside of any transaction, and has written down
what came of it."""

import logging
import time
from typing import Final

from django.db import transaction
from django.db.models import Q

from alerts.delivery.claim import claim_next
from alerts.delivery.digest import gather_digests
from alerts.delivery.errors import DeliveryError
from alerts.delivery.hand_over import hand_over
from alerts.delivery.outcome import MOST_ATTEMPTS, follow_up, record_failure, record_success
from alerts.integrations.base import Sent
from alerts.models import DeliveryAttempt, Notification
from diagnostics.core import clock

logger = logging.getLogger(__name__)

Action, State = Notification.Action, Notification.State

RUN_SECONDS: Final = 25  # a task ends before its own time limit; what is left is claimed by the next
ABANDONED_AT_ONCE: Final = 200


def deliver_due() -> int:
    """Send everything that is due; returns how many attempts were made."""
    give_up_abandoned()
    end = time.monotonic() + RUN_SECONDS
    made = 0
    while time.monotonic() < end:
        gather_digests(clock.now())
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
    with transaction.atomic():
        rows = Notification.objects.filter(over, state=State.PENDING, next_attempt_at__lte=now)
        rows = rows.select_for_update(skip_locked=True, of=("self",)).select_related("target__fallback", "incident")
        for row in rows[:ABANDONED_AT_ONCE]:
            Notification.objects.filter(pk=row.pk).update(state=State.FAILED)
            follow_up(row, now)


def is_due() -> bool:
    """Whether a notification waits to be sent now."""
    return Notification.objects.filter(state=State.PENDING, next_attempt_at__lte=clock.now()).exists()


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
