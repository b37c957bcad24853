"""Planning: for each target of an incident one row, to be sent or suppressed with the reason. Nothing is decided later
that is not written down, so that fired = sent + suppressed + pending + failed.
"""

import uuid
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django_q.tasks import async_task

from alerts.models import Incident, Notification, Severity, Silence, Target
from diagnostics.core import clock

Action, Reason, State = Notification.Action, Notification.Reason, Notification.State

USEFUL_FOR: Final = timedelta(minutes=30)  # an alert that comes later is noise
RESOLVE_USEFUL_FOR: Final = timedelta(hours=6)  # but a page that is never closed wakes people for nothing
RANKS: Final = {severity: rank for rank, severity in enumerate(reversed(Severity.values))}


def plan_notifications(incident: Incident, action: str, now: datetime) -> list[Notification]:
    """Write the rows, in the transaction that changed the incident; ring for delivery after its commit."""
    reason_for_all = silence_of(incident, now) if action == Action.TRIGGER else Reason.NONE
    rows = [
        plan_row(incident, target, action, reason_for_all or reason_of(incident, target, action), now)
        for target in targets_of(incident)
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    if any(row.state == State.PENDING for row in rows):
        transaction.on_commit(ring)
    return rows


def plan_row(incident: Incident, target: Target, action: str, reason: str, now: datetime) -> Notification:
    """One row."""
    useful = USEFUL_FOR if action == Action.TRIGGER else RESOLVE_USEFUL_FOR
    return Notification(
        id=uuid.uuid4(),
        incident=incident,
        target=target,
        action=action,
        state=State.SUPPRESSED if reason else State.PENDING,
        reason=reason,
        created_at=now,
        next_attempt_at=now,
        give_up_at=now + useful,
    )


def targets_of(incident: Incident) -> list[Target]:
    """The rule's targets, or all of the environment when it names none. Only targets of the environment, ever."""
    targets = Target.objects.filter(environment_id=incident.environment_id)
    if incident.rule is not None:
        chosen = targets.filter(rules=incident.rule)
        if chosen.exists():
            return list(chosen)
    return list(targets)


def reason_of(incident: Incident, target: Target, action: str) -> str:
    """Why this target is not told, or an empty text."""
    if not target.enabled:
        return Reason.TARGET_DISABLED
    if RANKS[incident.severity] < RANKS[target.minimum_severity]:
        return Reason.BELOW_SEVERITY
    if action == Action.TRIGGER:
        return Reason.NONE
    if action == Action.RESOLVE and not target.send_resolved:
        return Reason.NO_RESOLVE
    trigger = Notification.objects.filter(incident=incident, target=target, action=Action.TRIGGER).first()
    if trigger is None or trigger.state in (State.SUPPRESSED, State.FAILED):
        return Reason.NEVER_TRIGGERED
    return Reason.NONE


def silence_of(incident: Incident, now: datetime) -> str:
    """Whether nobody is to be told, and why."""
    rule = incident.rule
    if rule is not None and rule.muted_until is not None and rule.muted_until > now:
        return Reason.MUTED
    for silence in Silence.objects.filter(environment_id=incident.environment_id, starts_at__lte=now, ends_at__gt=now):
        if silence.rule_id not in (None, incident.rule_id):
            continue
        if silence.service_name in ("", incident.service_name):
            return Reason.SILENCED
    return Reason.NONE


def plan_test(target: Target) -> Notification:
    """A test through the real path: about the environment's newest incident, or about one that is made up and over."""
    now = clock.now()
    incident = Incident.objects.filter(environment_id=target.environment_id).first() or made_up_incident(target, now)
    with transaction.atomic():
        row = plan_row(incident, target, Action.TEST, Reason.NONE, now)
        row.save()
        transaction.on_commit(ring)
    return row


def made_up_incident(target: Target, now: datetime) -> Incident:
    """For the test of a target before anything ever happened."""
    return Incident.objects.create(
        environment_id=target.environment_id, rule_name="Test", dedup_key="test", state=Incident.State.RESOLVED,
        severity=Severity.INFO, title="Test of a target", summary="Nothing is wrong: somebody tried a target.",
        started_at=now, opened_at=now, resolved_at=now,
    )  # fmt: skip


def ring() -> None:
    """Queue a delivery; the sweep comes each minute where the bell is lost."""
    async_task("alerts.tasks.deliver_task")
