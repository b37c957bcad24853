"""Delivery: claims due notifications, sends each through its integration outside of any transaction, and has written down
what came of it."""

import logging
import time
from typing import Final

from alerts.delivery.claim import claim_next
from alerts.delivery.digest import gather_digests
from alerts.delivery.errors import DeliveryError
from alerts.delivery.hand_over import hand_over
from alerts.delivery.outcome import record_failure, record_success
from alerts.integrations.base import Sent
from alerts.models import DeliveryAttempt, Notification
from diagnostics.core import clock

logger = logging.getLogger(__name__)

Action, State = Notification.Action, Notification.State

RUN_SECONDS: Final = 25  # a task ends before its own time limit; what is left is claimed by the next


def deliver_due() -> int:
    """Send everything that is due; returns how many attempts were made."""
    gather_digests(clock.now())
    end = time.monotonic() + RUN_SECONDS
    made = 0
    while time.monotonic() < end:
        claimed = claim_next()
        if claimed is None:
            break
        deliver(*claimed)
        made += 1
    return made


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
