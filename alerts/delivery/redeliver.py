"""Sending something again because a person says so: the same row under the same id, so that the ledger still adds up."""

from django.db import transaction

from alerts.delivery.ledger import ring
from alerts.delivery.plan import RESOLVE_USEFUL_FOR
from alerts.models import Notification
from diagnostics.core import clock
from diagnostics.core.access import Person
from diagnostics.privacy.audit import record_event

State = Notification.State
AGAIN = (State.FAILED, State.SENT)


def redeliver(row: Notification, actor: Person) -> bool:
    """Whether it goes out again: what failed, or was sent and did not arrive. Its attempts stay on record."""
    now = clock.now()
    with transaction.atomic():
        rows = Notification.objects.filter(pk=row.pk, state__in=AGAIN, target__enabled=True)
        changed = rows.update(
            state=State.PENDING, attempts=0, next_attempt_at=now, give_up_at=now + RESOLVE_USEFUL_FOR, is_held=False
        )
        if changed:
            environment = row.target.environment
            record_event(actor, "notification.redeliver", f"notification {row.pk}", environment)
            transaction.on_commit(ring)
    return bool(changed)
