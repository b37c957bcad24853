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
from alerts.incidents.grouping import OPEN
from alerts.incidents.history import add_event
from alerts.incidents.opening import hash_of
from alerts.models import RANKS, Incident, IncidentEvent, Notification
from diagnostics.core.options import option

WINDOW: Final = timedelta(minutes=5)
NAMED: Final = 5  # services that a summary names
State, Kind = Incident.State, IncidentEvent.Kind


def absorb(incident: Incident, now: datetime) -> Decision | None:
    """Put a new incident into the environment's storm, if there is one or this one makes it; then nobody is told of it
    alone."""
    storm = open_storm(incident.environment_id)
    if storm is None:
        if recent(incident.environment_id, now).exclude(pk=incident.pk).count() < option("STORM_INCIDENTS"):
            return None
        storm = start_storm(incident, now)
    Incident.objects.filter(pk=incident.pk).update(storm=storm)
    incident.storm = storm
    return hidden_by_storm(incident, now)


def hidden_by_storm(incident: Incident, now: datetime) -> Decision | None:
    """Why nobody is told of an incident of a storm that lasts; a worse one makes the storm worse, and that is told."""
    storm = incident.storm
    if storm is None or not storm.is_open:
        return None
    if RANKS[incident.severity] > RANKS[storm.severity]:
        storm.severity = incident.severity
        tell_storm(storm, Kind.WORSE, now)
    return Decision(Notification.Reason.STORM, f"Told by the summary of storm {storm.pk}.")


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
    """Incidents of rules that opened a moment ago."""
    rows = Incident.objects.filter(environment_id=environment_id, kind=Incident.Kind.ALERT)
    return rows.filter(opened_at__gt=now - WINDOW, opened_at__lte=now)


def start_storm(incident: Incident, now: datetime) -> Incident:
    """The incident that stands for the others from here on."""
    cap = option("STORM_INCIDENTS")
    storm = Incident.objects.create(
        environment_id=incident.environment_id, kind=Incident.Kind.STORM, rule_name="Alert storm",
        dedup_key=hash_of("storm", incident.environment_id), severity=incident.severity,
        title=f"Alert storm in {incident.environment.name}",
        summary=f"More than {cap} incidents opened within 5 minutes. Single alerts are held back; summaries follow.",
        started_at=now, opened_at=now, seen_at=incident.seen_at,
    )  # fmt: skip
    event = add_event(storm, Kind.TRIGGERED, None, storm.summary, now)
    plan_news(storm, event, now)
    return storm


def tell_storm(storm: Incident, kind: str, now: datetime, *, quietly: bool = False) -> None:
    """Say how it stands; quietly: on its page alone."""
    storm.summary = describe_storm(storm)
    storm.save(update_fields=["summary", "severity"])
    event = add_event(storm, kind, None, storm.summary, now)
    if not quietly:
        plan_news(storm, event, now)


def describe_storm(storm: Incident) -> str:
    """'412 incidents (3 critical, 409 error; 12 still open) and 9,588 further alerts from 50 services: a, b, ...'"""
    absorbed = Incident.objects.filter(storm=storm).order_by()
    severities = Counter(dict(absorbed.values_list("severity").annotate(found=Count("pk"))))
    total = severities.total()
    further = absorbed.aggregate(found=Sum("duplicates"))["found"] or 0
    still = absorbed.exclude(state=State.RESOLVED).count()
    services = list(
        absorbed.exclude(service_name="")
        .values_list("service_name")
        .annotate(n=Count("pk"))
        .order_by("-n", "service_name")
    )
    said = ", ".join(f"{severities[level]:,} {level}" for level in sorted(severities, key=lambda one: -RANKS[one]))
    names = ", ".join(name for name, _ in services[:NAMED]) + (", ..." if len(services) > NAMED else "")
    where = f" from {counted(len(services), 'service')}: {names}" if services else ""
    return (
        f"{counted(total, 'incident')} ({said}; {still:,} still open) and {counted(further, 'further alert')}{where}."
    )


def counted(number: int, noun: str) -> str:
    """'1 incident', '1,240 incidents'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
