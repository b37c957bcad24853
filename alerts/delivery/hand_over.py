"""Hands one notification to its integration: what the target shares, how it is set up, what it was told before."""

from collections.abc import Mapping
from typing import Final

from alerts.delivery.errors import DeliveryError
from alerts.delivery.own_patterns import hide_own
from alerts.delivery.render import render_alert
from alerts.delivery.share import withhold
from alerts.integrations.base import Sent, Setup
from alerts.integrations.registry import INTEGRATIONS
from alerts.models import Notification, Receipt
from alerts.targets import read_secrets

# Messages that stand for themselves: they neither change nor become what an incident's later turns change. What they leave
# for their own next try is kept under their id.
ALONE: Final = (Notification.Action.TEST, Notification.Action.DIGEST)


def hand_over(notification: Notification) -> Sent:
    """Through the target's integration."""
    target = notification.target
    integration = INTEGRATIONS.get(target.kind)
    if integration is None:
        raise DeliveryError(f"there is no integration '{target.kind[:20]}'", permanent=True)
    about = notification.incident or target  # a test is about no incident
    alert = hide_own(render_alert(notification), about.environment)
    alert = withhold(alert, target.shared_fields)
    try:
        sent = integration.send(alert, Setup(target.config, read_secrets(target), read_receipt(notification)))
    except DeliveryError as error:
        keep_receipt(notification, error.receipt)
        raise
    keep_receipt(notification, sent.receipt)
    return sent


def read_receipt(notification: Notification) -> Mapping[str, str]:
    """What came of earlier notifications; for one that stands for itself, of its own earlier tries."""
    return of_its_own(notification, stored_receipt(notification))


def stored_receipt(notification: Notification) -> Mapping[str, str]:
    """All that is kept of the incident at the target; of tests together."""
    found = Receipt.objects.filter(incident=notification.incident, target_id=notification.target_id).first()
    return found.data if found else {}


def of_its_own(notification: Notification, data: Mapping[str, str]) -> Mapping[str, str]:
    """The part that the notification may read and write."""
    if notification.action not in ALONE:
        return data
    return {name: value for name, value in data.items() if name == str(notification.pk)}


def keep_receipt(notification: Notification, data: Mapping[str, str]) -> None:
    """For the next one of the same incident; what was kept before and is not named stays."""
    kept = of_its_own(notification, data)
    if not kept:
        return
    before = stored_receipt(notification) if notification.incident is not None else {}  # of tests the newest's is kept
    Receipt.objects.update_or_create(
        incident=notification.incident, target_id=notification.target_id, defaults={"data": {**before, **kept}}
    )
