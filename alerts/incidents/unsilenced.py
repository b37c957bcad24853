"""A silence, a window or a mute is over, and what it hid is still open: told now to those who were not told."""

from collections import defaultdict
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef

from alerts.delivery.plan import plan_news
from alerts.delivery.silencing import hush_of
from alerts.incidents.grouping import OPEN, locked
from alerts.incidents.history import add_event
from alerts.incidents.locks import lock_environment
from alerts.models import Incident, IncidentEvent, Notification

Action, Reason, State = Notification.Action, Notification.Reason, Notification.State
HIDDEN: Final = (Reason.SILENCED, Reason.MUTED)


def tell_unsilenced(now: datetime) -> None:
    """Every incident in a transaction of its own."""
    for (incident_id, environment_id), targets in hidden_targets().items():
        with transaction.atomic():
            lock_environment(environment_id)
            incident = locked(incident_id)
            if incident.is_open and hush_of(incident, incident.rule, now) is None:
                tell_late(incident, targets, now)


def hidden_targets() -> dict[tuple[int, int], set[int]]:
    """(open incident, its environment) -> targets from which something was hidden and which heard nothing since."""
    news = Notification.objects.filter(action__in=(Action.TRIGGER, Action.UPDATE))
    later = news.filter(
        incident=OuterRef("incident"), target=OuterRef("target"), created_at__gt=OuterRef("created_at")
    ).exclude(reason__in=(*HIDDEN, Reason.GROUPED))  # fmt: skip
    rows = news.filter(~Exists(later), incident__state__in=OPEN, state=State.SUPPRESSED, reason__in=HIDDEN)
    found: dict[tuple[int, int], set[int]] = defaultdict(set)
    for incident_id, environment_id, target_id in rows.values_list(
        "incident_id", "incident__environment_id", "target_id"
    ):
        found[incident_id, environment_id].add(target_id)
    return found


def tell_late(incident: Incident, targets: set[int], now: datetime) -> None:
    """It was hidden and is still open."""
    event = add_event(incident, IncidentEvent.Kind.TOLD_LATE, None, "The silence is over, and it is still open.", now)
    plan_news(incident, event, now, rule=incident.rule, only=targets)
