"""Retention of what alerts keep: an incident loses its frozen records with the environment's records, and goes itself
when its own days are over, with its notifications and messages."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from alerts.incidents.grouping import locked
from alerts.models import InboxMessage, Incident, Notification
from diagnostics.core import clock
from diagnostics.models import Environment
from diagnostics.storage.expiring import delete_some

BATCH: Final = 500
KEPT_FACTS: Final = ("sessions", "users", "looked_at", "deploy", "usual", "said_at")  # numbers, and what we did


def expire_incidents(environment: Environment, before: datetime) -> bool:
    """Both steps, each bounded, and whether there may be more. Records that are over are over in an open incident, too."""
    rows = Incident.objects.filter(environment=environment)
    over = clock.now() - timedelta(days=environment.incident_retention_days)
    old = list(rows.filter(state=Incident.State.RESOLVED, resolved_at__lt=over).values_list("pk", flat=True)[:BATCH])
    Incident.objects.filter(pk__in=old).delete()
    words = InboxMessage.objects.filter(
        environment=environment, notification=None, created_at__lt=over
    )  # to one person
    tests = Notification.objects.filter(incident=None, target__environment=environment, created_at__lt=over)
    more = delete_some(words) | delete_some(tests)
    return thaw(rows.filter(opened_at__lt=before)) == BATCH or len(old) == BATCH or more


def thaw(incidents: "QuerySet[Incident]") -> int:
    """What was frozen of records goes; the sentence, the numbers and the history stay. How many there were."""
    found = list(incidents.exclude(samples=[], context__messages__isnull=True).values_list("pk", flat=True)[:BATCH])
    for pk in found:
        with transaction.atomic():
            incident = locked(pk)
            incident.samples = []
            incident.context = {name: value for name, value in incident.context.items() if name in KEPT_FACTS}
            incident.save(update_fields=["samples", "context"])
    return len(found)
