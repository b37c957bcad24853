"""What can happen to an incident: opened, joined, worse, acknowledged, resolved, back again. Each writes its line of
history and plans who is told, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from alerts.delivery.plan import plan_news, plan_progress
from alerts.incidents.flapping import SETTLES, has_begun_to_flap, hidden_by_flapping, start_flapping
from alerts.incidents.grouping import (
    OPEN,
    count_duplicate,
    incident_named,
    incident_of_key,
    incident_to_join,
    incident_to_reopen,
    locked,
)
from alerts.incidents.history import STILL_SO, add_event
from alerts.incidents.leading import take_lead
from alerts.incidents.opening import Opening, build_evidence, build_incident, dedup_key_of
from alerts.incidents.resolved_errors import mark_errors
from alerts.incidents.storms import absorb, hidden_by_storm
from alerts.models import RANKS, AlertRule, Evidence, Incident, IncidentEvent, Notification
from diagnostics.core import clock
from diagnostics.core.access import Person
from diagnostics.storage.turns import Turn, take_turn

__all__ = [
    "Opening", "acknowledge_incident", "add_note", "dedup_key_of", "end_rule", "end_series", "note_values", "open_incident",
    "resolve_incident", "show_anew", "still_bad",
]  # fmt: skip

FIRST_SEEN = AlertRule.Condition.FIRST_SEEN
State = Incident.State
Kind = IncidentEvent.Kind
NAMED_JOINS = 10  # lines of history for series that join or are back; the others are counted
TOLD_AGAIN_AFTER = timedelta(minutes=5)

NOTE = """
UPDATE alerts_incident AS incident SET value = seen.present, peak_value = greatest(incident.peak_value, seen.worst)
FROM unnest(%s::float8[], %s::float8[], %s::bigint[]) AS seen (present, worst, id)
WHERE incident.id = seen.id AND incident.rule_id = %s AND incident.state <> 'resolved'
    AND (incident.value, incident.peak_value) IS DISTINCT FROM (seen.present, greatest(incident.peak_value, seen.worst))
"""


def open_incident(opening: Opening) -> Incident:
    """The incident that this series shows: one that is open, one that it joins, one that comes back, or a new one."""
    key = dedup_key_of(opening.rule, opening.series)
    with transaction.atomic():
        take_turn(Turn.INCIDENTS, opening.rule.environment_id)
        known = incident_of_key(key)
        if known is not None:
            return see_again(known, opening, key)
        group = incident_named(opening) or incident_to_join(opening)
        if group is not None:
            return join_incident(group, opening, key)
        ended = incident_to_reopen(key, opening.now)
        if ended is not None:
            return come_back(ended, opening, key)
        return start_incident(opening, key)


def start_incident(opening: Opening, key: str) -> Incident:
    """Something new; in a storm it is not told alone."""
    incident = build_incident(opening, key)
    incident.save()
    build_evidence(incident, opening, key).save()
    event = add_event(incident, Kind.TRIGGERED, None, opening.summary, opening.now)
    hidden = absorb(incident, opening.rule, opening.now)
    plan_news(incident, event, opening.now, rule=opening.rule, hidden=hidden)
    return incident


def see_again(incident: Incident, opening: Opening, key: str) -> Incident:
    """A series that it is known for fires again, or worse."""
    evidence = Evidence.objects.filter(incident=incident, dedup_key=key)
    if evidence.filter(ended_at=None).exists():
        return grow_worse(incident, opening)
    evidence.update(ended_at=None, times=F("times") + 1, summary=opening.summary, severity=opening.level)
    Incident.objects.filter(pk=incident.pk).update(
        settles_at=None, reopened=F("reopened") + 1, duplicates=F("duplicates") + 1
    )
    incident.refresh_from_db(fields=["settles_at", "reopened", "duplicates"])
    if RANKS[opening.level] > RANKS[incident.severity]:
        return grow_worse(incident, opening)
    event = add_join(incident, opening, f"{opening.rule.name} fires again: {opening.summary}")
    is_as_bad = RANKS[opening.level] == RANKS[incident.severity]
    if is_as_bad:
        take_lead(incident, opening)
    hidden = (
        hidden_by_flapping(incident)
        if incident.flapping_since
        else hidden_by_storm(incident, opening.rule, opening.now)
    )
    once = not is_as_bad or was_told_lately(incident, opening)
    plan_news(incident, event, opening.now, rule=opening.rule, hidden=hidden, once=once)
    return incident


def show_anew(incident: Incident, opening: Opening) -> None:
    """What the series has shown so far is over: when it opens now, that is told again."""
    key = dedup_key_of(opening.rule, opening.series)
    Evidence.objects.filter(incident=incident, dedup_key=key, ended_at=None).update(ended_at=opening.now)


def was_told_lately(incident: Incident, opening: Opening) -> bool:
    """Whether anybody was told of the incident a moment ago."""
    lately = incident.notifications.filter(
        action__in=(Notification.Action.TRIGGER, Notification.Action.UPDATE),
        created_at__gt=opening.now - TOLD_AGAIN_AFTER,
    )
    return lately.filter(state__in=(Notification.State.PENDING, Notification.State.SENT)).exists()


def join_incident(incident: Incident, opening: Opening, key: str) -> Incident:
    """Another series shows what is known: evidence, told only to who was not told yet, unless it is worse."""
    build_evidence(incident, opening, key).save()
    count_duplicate(incident)
    if RANKS[opening.level] > RANKS[incident.severity]:
        return grow_worse(incident, opening)
    event = add_join(incident, opening, f"{opening.rule.name}: {opening.summary}")
    hidden = hidden_by_storm(incident, opening.rule, opening.now)
    plan_news(incident, event, opening.now, rule=opening.rule, hidden=hidden, once=True)
    return incident


def add_join(incident: Incident, opening: Opening, text: str) -> IncidentEvent:
    """A line of history for a series that joins or is back; beyond the first few, the newest line stands for it."""
    if incident.events.filter(kind=Kind.JOINED)[:NAMED_JOINS].count() < NAMED_JOINS:
        return add_event(incident, Kind.JOINED, None, text, opening.now)
    return incident.events.order_by("-at", "-id")[:1].get()


def grow_worse(incident: Incident, opening: Opening) -> Incident:
    """The severity rises, and the worse series speaks for the incident: that is told, unless it is as bad already."""
    if RANKS[opening.level] <= RANKS[incident.severity]:
        return incident
    text = f"Severity rose from {incident.severity} to {opening.level}: {opening.summary}"
    take_lead(incident, opening)
    event = add_event(incident, Kind.WORSE, None, text, opening.now)
    hidden = hidden_by_storm(incident, opening.rule, opening.now)
    plan_news(incident, event, opening.now, rule=opening.rule, hidden=hidden)
    return incident


def come_back(incident: Incident, opening: Opening, key: str, text: str = "") -> Incident:
    """It ended a moment ago and is back: the same incident, told again; flapping, when it comes too often."""
    now = opening.now
    Evidence.objects.filter(incident=incident, dedup_key=key).update(
        ended_at=None, times=F("times") + 1, summary=opening.summary, severity=opening.level
    )
    open_again(incident, now)
    take_lead(incident, opening)
    event = add_event(incident, Kind.REOPENED, None, text or opening.summary, now)
    hidden = absorb(incident, opening.rule, now)
    if hidden is None and has_begun_to_flap(incident, now):
        start_flapping(incident, opening.rule, now)
    else:
        plan_news(incident, event, now, rule=opening.rule, hidden=hidden)
    return incident


def still_bad(incident: Incident, opening: Opening) -> Incident:
    """A person said that it is over, and what came since says that it is not: the same incident, told again."""
    key = dedup_key_of(opening.rule, opening.series)
    with transaction.atomic():
        take_turn(Turn.INCIDENTS, opening.rule.environment_id)
        found = locked(incident.pk)
        if found.is_open or found.resolved_at is None or incident_of_key(key) is not None:
            return open_incident(opening)
        minutes = int((opening.now - found.resolved_at) / timedelta(minutes=1))
        who = found.resolved_by.get_username() if found.resolved_by else "it was"
        return come_back(found, opening, key, f"{STILL_SO} {minutes} min after {who} resolved it: {opening.summary}")


def open_again(incident: Incident, now: datetime) -> None:
    """Back to triggered, with nobody on it."""
    incident.state, incident.resolved_at, incident.resolved_by = State.TRIGGERED, None, None
    incident.acknowledged_at, incident.acknowledged_by = None, None
    incident.flapping_since, incident.settles_at, incident.snoozed_until, incident.storm = None, None, None, None
    incident.reopened, incident.reopened_at = incident.reopened + 1, now
    incident.save()


def end_series(incident: Incident, rule: AlertRule, series: str, text: str, now: datetime) -> None:
    """A series has recovered. The incident is over when no other shows it but errors that were new: those were told, and
    do not last. A flapping one is over when that has lasted."""
    with transaction.atomic():
        found = locked(incident.pk)
        shown = found.evidence.filter(ended_at=None)
        ended = shown.filter(dedup_key=dedup_key_of(rule, series)).update(ended_at=now)
        if not found.is_open:
            return
        lasting = shown if rule.condition == FIRST_SEEN else shown.exclude(rule__condition=FIRST_SEEN)
        if lasting.exists():
            if ended:
                add_event(found, Kind.RECOVERED, None, f"{rule.name}: {series or 'all'}. Others still fire.", now)
        elif found.flapping_since is not None:
            Incident.objects.filter(pk=found.pk).update(settles_at=now + SETTLES)
        else:
            resolve_incident(found, None, text, now=now, is_recovered=True)


def end_rule(rule: AlertRule, text: str, now: datetime) -> None:
    """A rule goes: nothing shows what it alone has shown."""
    shown = Evidence.objects.filter(rule=rule, ended_at=None, incident__state__in=OPEN)
    for pk in sorted(set(shown.values_list("incident_id", flat=True))):
        with transaction.atomic():
            incident = locked(pk)
            incident.evidence.filter(rule=rule, ended_at=None).update(ended_at=now)
            if not incident.evidence.filter(ended_at=None).exists():
                resolve_incident(incident, None, text, now=now)


def note_values(rule: AlertRule, values: Mapping[int, Sequence[float]]) -> None:
    """Keep the present (last) and the worst value of the incidents, by id, for which the rule speaks; others count other
    things. One that a person has resolved stays as it was."""
    if values:
        with connection.cursor() as cursor:
            present, worst = [seen[-1] for seen in values.values()], [max(seen) for seen in values.values()]
            cursor.execute(NOTE, [present, worst, list(values), rule.pk])


def acknowledge_incident(incident: Incident, actor: Person | None, text: str = "") -> Incident:
    """Somebody is on it; a pager may say so without saying who. Twice, or when it is over, changes nothing."""
    now = clock.now()
    with transaction.atomic():
        found = locked(incident.pk)
        if found.state == State.TRIGGERED:
            found.state, found.acknowledged_at, found.snoozed_until = State.ACKNOWLEDGED, now, None
            found.acknowledged_by_id = actor.pk if actor else None
            found.save(update_fields=["state", "acknowledged_at", "acknowledged_by", "snoozed_until"])
            event = add_event(found, Kind.ACKNOWLEDGED, actor, text, now)
            plan_progress(found, event, Notification.Action.ACKNOWLEDGE, now)
        return found


def resolve_incident(
    incident: Incident,
    actor: Person | None,
    text: str = "",
    now: datetime | None = None,
    *,
    is_recovered: bool = False,
) -> Incident:
    """It is over, because somebody says so or because it has recovered. Resolving twice changes nothing."""
    moment = now or clock.now()
    with transaction.atomic():
        found = locked(incident.pk)
        if found.is_open:
            found.state, found.resolved_at = State.RESOLVED, moment
            found.resolved_by_id = actor.pk if actor else None
            found.settles_at, found.snoozed_until, found.is_recovered = None, None, is_recovered
            found.save(
                update_fields=["state", "resolved_at", "resolved_by", "settles_at", "snoozed_until", "is_recovered"]
            )
            found.evidence.filter(ended_at=None).update(ended_at=moment)
            if actor is not None:
                mark_errors(found, actor, moment)
            event = add_event(found, Kind.RESOLVED, actor, text, moment)
            plan_progress(found, event, Notification.Action.RESOLVE, moment)
        return found


def add_note(incident: Incident, actor: Person, text: str) -> None:
    """A remark for who comes next."""
    add_event(incident, Kind.NOTE, actor, text, clock.now())
