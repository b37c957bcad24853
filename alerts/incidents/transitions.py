"""What can happen to an incident: opened, acknowledged, resolved. Each writes its line of history and plans who is told,
in the caller's transaction."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from alerts.delivery.plan import plan_notifications
from alerts.incidents.context import gather_context
from alerts.models import AlertRule, Incident, IncidentEvent, Notification
from diagnostics.core import clock
from diagnostics.core.access import Person

State = Incident.State
Kind = IncidentEvent.Kind


@dataclass(frozen=True, slots=True)
class Opening:
    """What a new incident is made of."""

    rule: AlertRule
    series: str
    service_name: str
    http_route: str
    title: str
    summary: str
    value: float
    now: datetime
    usual: float | None = None
    window_end: datetime | None = None  # the end of the window that fired, where its records came late


def dedup_key_of(rule: AlertRule, series: str) -> str:
    """Stable for a rule and a series; holds no text of a record."""
    return hashlib.sha256(f"{rule.pk}\0{series}".encode()).hexdigest()[:48]


def open_incident(opening: Opening) -> Incident:
    """The open incident of this rule and series: a new one, or the one that is open already."""
    key = dedup_key_of(opening.rule, opening.series)
    with transaction.atomic():
        found = Incident.objects.select_for_update().filter(dedup_key=key).exclude(state=State.RESOLVED).first()
        if found is not None:
            return found
        incident = build_incident(opening, key)
        incident.save()
        add_event(incident, Kind.TRIGGERED, None, opening.summary, opening.now)
        plan_notifications(incident, Notification.Action.TRIGGER, opening.now)
        return incident


def build_incident(opening: Opening, key: str) -> Incident:
    """A new incident with its context, not yet saved."""
    rule = opening.rule
    context = gather_context(rule, opening.service_name, opening.http_route, opening.window_end or opening.now)
    return Incident(
        environment_id=rule.environment_id,
        rule=rule,
        rule_name=rule.name,
        dedup_key=key,
        severity=rule.severity,
        title=opening.title,
        summary=opening.summary,
        service_name=opening.service_name[:200],
        http_route=opening.http_route[:200],
        release=context.release[:200],
        started_at=context.first_bad_at or opening.window_end or opening.now,
        opened_at=opening.now,
        value=opening.value,
        peak_value=opening.value,
        trace_id=context.trace_id,
        samples=context.samples,
        context={**context.facts, "usual": opening.usual, "is_late": opening.window_end is not None},
    )


def note_value(incident: Incident, value: float) -> None:
    """Keep the present and the worst value; an incident that a person has resolved stays as it was."""
    peak = max(incident.peak_value or value, value)
    Incident.objects.filter(pk=incident.pk).exclude(state=State.RESOLVED).update(value=value, peak_value=peak)


def acknowledge_incident(incident: Incident, actor: Person | None, text: str = "") -> Incident:
    """Somebody is on it; a pager may say so without saying who. Twice, or when it is over, changes nothing."""
    now = clock.now()
    with transaction.atomic():
        locked = Incident.objects.select_for_update().get(pk=incident.pk)
        if locked.state == State.TRIGGERED:
            locked.state, locked.acknowledged_at = State.ACKNOWLEDGED, now
            locked.acknowledged_by_id = actor.pk if actor else None
            locked.save(update_fields=["state", "acknowledged_at", "acknowledged_by"])
            add_event(locked, Kind.ACKNOWLEDGED, actor, text, now)
            plan_notifications(locked, Notification.Action.ACKNOWLEDGE, now)
        return locked


def resolve_incident(incident: Incident, actor: Person | None, text: str = "", now: datetime | None = None) -> Incident:
    """It is over: by a person, or by itself (actor None). Resolving twice changes nothing."""
    moment = now or clock.now()
    with transaction.atomic():
        locked = Incident.objects.select_for_update().get(pk=incident.pk)
        if locked.is_open:
            locked.state, locked.resolved_at = State.RESOLVED, moment
            locked.resolved_by_id = actor.pk if actor else None
            locked.save(update_fields=["state", "resolved_at", "resolved_by"])
            add_event(locked, Kind.RESOLVED, actor, text, moment)
            plan_notifications(locked, Notification.Action.RESOLVE, moment)
        return locked


def add_note(incident: Incident, actor: Person, text: str) -> None:
    """A remark for who comes next."""
    add_event(incident, Kind.NOTE, actor, text[:500], clock.now())


def add_event(incident: Incident, kind: str, actor: Person | None, text: str, at: datetime) -> None:
    """One line of history."""
    IncidentEvent.objects.create(
        incident=incident, kind=kind, actor_id=actor.pk if actor else None, text=text[:500], at=at
    )
