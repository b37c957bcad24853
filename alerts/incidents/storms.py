"""Storms: when more incidents open than anybody can read, one stands for all of them.

Each of them is still opened and shown; nobody is told of it alone. The storm is told when it begins, when it becomes
worse, now and then while it lasts, and when it is over, each time with exact counts.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, QuerySet, Sum

from alerts.delivery.decision import Decision
from alerts.delivery.plan import plan_news
from alerts.delivery.silencing import hush_of
from alerts.incidents.grouping import OPEN
from alerts.incidents.history import add_event
from alerts.incidents.opening import hash_of
from alerts.models import RANKS, AlertRule, Incident, IncidentEvent, Notification, Severity
from diagnostics.core.options import option

WINDOW: Final = timedelta(minutes=5)
NAMED: Final = 5  # services that a summary names
HUSHED: Final = "hushed"  # in an incident's context: a silence or a mute held when it opened
CRITICAL: Final = Severity.CRITICAL
State, Kind = Incident.State, IncidentEvent.Kind


def absorb(incident: Incident, rule: AlertRule | None, now: datetime) -> Decision | None:
    """Put a new incident into the environment's storm, if there is one or this one makes it; then nobody is told of it
    alone. What a silence or a mute hides belongs to no storm: nobody would have been told of it anyway."""
    hush = hush_of(incident, rule, now)
    note_hush(incident, hush is not None)
    if hush is not None:
        return None
    storm = open_storm(incident.environment_id)
    if storm is None:
        if recent(incident.environment_id, now).exclude(pk=incident.pk).count() < option("STORM_INCIDENTS"):
            return None
        storm = start_storm(incident, now)
    Incident.objects.filter(pk=incident.pk).update(storm=storm)
    incident.storm = storm
    return hidden_by_storm(incident, rule, now)


def note_hush(incident: Incident, is_hushed: bool) -> None:
    """Whether it opened hushed is kept with it: a rule's mute may be over when incidents are counted."""
    if is_hushed != bool(incident.context.get(HUSHED)):
        known = {name: fact for name, fact in incident.context.items() if name != HUSHED}
        incident.context = {**known, HUSHED: True} if is_hushed else known
        incident.save(update_fields=["context"])


def hidden_by_storm(incident: Incident, rule: AlertRule | None, now: datetime) -> Decision | None:
    """Why nobody is told of an incident of a storm that lasts; a worse one makes the storm worse, and that is told. The
    first critical one is told by itself, too: what is milder must not hide it."""
    storm = incident.storm
    if storm is None or not storm.is_open or hush_of(incident, rule, now) is not None:
        return None
    if RANKS[incident.severity] > RANKS[storm.severity]:
        storm.severity = incident.severity
        tell_storm(storm, Kind.WORSE, now)
    if incident.severity == CRITICAL and not others_of(storm, incident).filter(severity=CRITICAL).exists():
        return None
    return Decision(Notification.Reason.STORM, f"Told by the summary of storm {storm.pk}.")


def others_of(storm: Incident, incident: Incident) -> "QuerySet[Incident]":
    """What else it stands for."""
    return Incident.objects.filter(storm=storm).exclude(pk=incident.pk)


def open_storm(environment_id: int) -> Incident | None:
    """The one that lasts."""
    return open_storms(environment_id).first() if is_storming(environment_id) else None


def is_storming(environment_id: int) -> bool:
    """Whether one lasts."""
    return open_storms(environment_id).exists()


def open_storms(environment_id: int) -> "QuerySet[Incident]":
    """There is one at most."""
    return Incident.objects.filter(environment_id=environment_id, kind=Incident.Kind.STORM, state__in=OPEN)


def recent(environment_id: int, now: datetime) -> "QuerySet[Incident]":
    """Incidents of rules that opened a moment ago, but for those that were hushed."""
    rows = Incident.objects.filter(environment_id=environment_id, kind=Incident.Kind.ALERT)
    rows = rows.filter(**{f"context__{HUSHED}__isnull": True})
    return rows.filter(opened_at__gt=now - WINDOW, opened_at__lte=now)


def start_storm(incident: Incident, now: datetime) -> Incident:
    """The incident that stands for the others from here on."""
    cap = option("STORM_INCIDENTS")
    where = describe_services(recent(incident.environment_id, now))
    storm = Incident.objects.create(
        environment_id=incident.environment_id, kind=Incident.Kind.STORM, rule_name="Alert storm",
        dedup_key=hash_of("storm", incident.environment_id), severity=incident.severity,
        title=f"Alert storm in {incident.environment.name}",
        summary=f"More than {cap} incidents opened within 5 minutes{where}. "
        "Single alerts are held back; summaries follow.",
        started_at=now, opened_at=now, seen_at=incident.seen_at,
    )  # fmt: skip
    event = add_event(storm, Kind.TRIGGERED, None, storm.summary, now)
    plan_news(storm, event, now)
    return storm


def tell_storm(storm: Incident, kind: str, now: datetime) -> None:
    """Say how it stands."""
    storm.summary = describe_storm(storm)
    storm.save(update_fields=["summary", "severity"])
    event = add_event(storm, kind, None, storm.summary, now)
    plan_news(storm, event, now)


def sum_up(storm: Incident, now: datetime) -> None:
    """How it stands at its end, with what is left of it; on its page alone, because its end tells."""
    storm.summary = f"{describe_storm(storm)} {describe_left(storm)}"
    storm.save(update_fields=["summary"])
    add_event(storm, Kind.COUNTED, None, storm.summary, now)


def describe_left(storm: Incident) -> str:
    """'3 are still open from 2 services: a, b. They are told of now.'"""
    left = Incident.objects.filter(storm=storm).exclude(state=State.RESOLVED)
    number = left.count()
    if not number:
        return "None is open any more."
    verb = "is" if number == 1 else "are"
    return f"{number:,} {verb} still open{describe_services(left)}. What nobody was told of is told now."


def describe_storm(storm: Incident) -> str:
    """'412 incidents (3 critical, 409 error; 12 still open) and 9,588 further alerts from 50 services: a, b, ...'"""
    absorbed = Incident.objects.filter(storm=storm).order_by()
    severities = Counter(dict(absorbed.values_list("severity").annotate(found=Count("pk"))))
    total = severities.total()
    further = absorbed.aggregate(found=Sum("duplicates"))["found"] or 0
    still = absorbed.exclude(state=State.RESOLVED).count()
    said = ", ".join(f"{severities[level]:,} {level}" for level in sorted(severities, key=lambda one: -RANKS[one]))
    where = describe_services(absorbed)
    return (
        f"{counted(total, 'incident')} ({said}; {still:,} still open) and {counted(further, 'further alert')}{where}."
    )


def describe_services(incidents: "QuerySet[Incident]") -> str:
    """' from 50 services: a, b, ...', those with the most incidents first; empty when none is known."""
    named = incidents.order_by().exclude(service_name="").values_list("service_name")
    services = list(named.annotate(n=Count("pk")).order_by("-n", "service_name"))
    names = ", ".join(name for name, _ in services[:NAMED]) + (", ..." if len(services) > NAMED else "")
    return f" from {counted(len(services), 'service')}: {names}" if services else ""


def counted(number: int, noun: str) -> str:
    """'1 incident', '1,240 incidents'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
