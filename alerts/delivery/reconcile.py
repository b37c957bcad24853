"""Missed ends: a page that is never closed wakes people for nothing, so a failed or missing resolve is sent again."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery

from alerts.delivery.plan import RESOLVE_USEFUL_FOR, plan_progress
from alerts.incidents.grouping import locked
from alerts.models import Incident, IncidentEvent, Notification

Action, Reason, State = Notification.Action, Notification.Reason, Notification.State

LOOKS_BACK: Final = timedelta(days=3)
AGAIN_AFTER: Final = timedelta(hours=1)


def reconcile(now: datetime) -> int:
    """Returns how many ends go out again."""
    return retry_failed_ends(now) + tell_ends_again(now) + plan_missing_ends(now)


def retry_failed_ends(now: datetime) -> int:
    """Given up while the target was down: tried again when it is well, and once an hour while it is not known to be."""
    rows = Notification.objects.filter(
        action=Action.RESOLVE, state=State.FAILED, created_at__gt=now - LOOKS_BACK, target__enabled=True,
        incident__state=Incident.State.RESOLVED,
    )  # fmt: skip
    ripe = rows.filter(Q(target__failing_since=None) | Q(next_attempt_at__lte=now - AGAIN_AFTER))
    return ripe.update(state=State.PENDING, attempts=0, next_attempt_at=now, give_up_at=now + AGAIN_AFTER)


def tell_ends_again(now: datetime) -> int:
    """It was over while the target was switched off. Now that the target is on again it hears of the end, if the
    beginning is the last that it heard."""
    heard = Notification.objects.filter(
        Q(state=State.SENT) | Q(told_by__state=State.SENT), incident=OuterRef("incident"), target=OuterRef("target"),
        action__in=(Action.TRIGGER, Action.UPDATE, Action.RESOLVE),
    )  # fmt: skip
    rows = Notification.objects.filter(
        action=Action.RESOLVE, state=State.SUPPRESSED, reason=Reason.TARGET_DISABLED, created_at__gt=now - LOOKS_BACK,
        target__enabled=True, target__send_resolved=True, incident__state=Incident.State.RESOLVED,
        created_at__gte=F("incident__resolved_at"),
    )  # fmt: skip
    last = heard.order_by("-created_at", "-event_id").values("action")[:1]
    missed = rows.alias(last=Subquery(last)).filter(last__in=(Action.TRIGGER, Action.UPDATE))
    pks = list(missed.values_list("pk", flat=True))
    return Notification.objects.filter(pk__in=pks, state=State.SUPPRESSED).update(
        state=State.PENDING, reason=Reason.NONE, detail="The target was switched off when it was over.",
        next_attempt_at=now, give_up_at=now + RESOLVE_USEFUL_FOR,
    )  # fmt: skip


def plan_missing_ends(now: datetime) -> int:
    """A target that was told of the beginning and has no row for the end at all."""
    told = Notification.objects.filter(
        state=State.SENT, action__in=(Action.TRIGGER, Action.UPDATE), incident__state=Incident.State.RESOLVED,
        incident__resolved_at__gt=now - LOOKS_BACK,
    )  # fmt: skip
    ends = Notification.objects.filter(
        incident=OuterRef("incident"), target=OuterRef("target"), action=Action.RESOLVE,
        created_at__gte=OuterRef("incident__resolved_at"),
    )  # fmt: skip
    missing = told.filter(~Exists(ends), created_at__lte=F("incident__resolved_at"))
    planned = 0
    for pk in sorted(set(missing.values_list("incident_id", flat=True))):
        with transaction.atomic():
            incident = locked(pk)
            event = incident.events.filter(kind=IncidentEvent.Kind.RESOLVED).order_by("-at", "-id").first()
            if event is not None and not incident.is_open:
                planned += len(plan_progress(incident, event, Action.RESOLVE, now))
    return planned
