"""Watching the watcher: troubles of the product become incidents that begin, are told, and end like others.

They stand in an environment of the product's own, which is made with the first of them: superusers see it, and operators
who are given a role in it. A dead target's trouble stands in its own environment, too.
"""

from datetime import datetime
from typing import Final

from django.db import transaction

from alerts.delivery.plan import plan_news
from alerts.incidents.grouping import OPEN
from alerts.incidents.history import add_event
from alerts.incidents.opening import hash_of
from alerts.incidents.transitions import resolve_incident
from alerts.models import Incident, IncidentEvent
from alerts.watch.checks import CHECKS
from alerts.watch.finding import Finding
from alerts.watch.targets import find_dead_targets
from diagnostics.environments import find_or_create_environment
from diagnostics.models import Environment

OWN: Final = "diagnostics-itself"


def watch(now: datetime) -> None:
    """Each minute: what is found is an open incident, what is found no more is over."""
    checked = [check(now) for check in CHECKS]
    found = {hash_of("watch", item.key): item for item in [*checked, *find_dead_targets(now)] if item is not None}
    known = {row.dedup_key: row for row in Incident.objects.filter(kind=Incident.Kind.WATCH, state__in=OPEN)}
    for key in found.keys() - known.keys():
        open_watch(key, found[key], now)
    for key in found.keys() & known.keys():
        Incident.objects.filter(pk=known[key].pk).update(summary=found[key].summary)
    for key in known.keys() - found.keys():
        resolve_incident(known[key], None, "It is well again.", now=now)


def open_watch(key: str, finding: Finding, now: datetime) -> None:
    """The incident, told to all targets of its environment but the one that it is about."""
    with transaction.atomic():
        incident = Incident.objects.create(
            environment_id=finding.environment_id or own_environment().pk, kind=Incident.Kind.WATCH,
            rule_name="Watch", dedup_key=key, severity=finding.severity, title=finding.title, summary=finding.summary,
            started_at=now, opened_at=now, context={"about_target": finding.about_target},
        )  # fmt: skip
        event = add_event(incident, IncidentEvent.Kind.TRIGGERED, None, finding.summary, now)
        plan_news(incident, event, now)


def own_environment() -> Environment:
    """Where troubles of the product stand."""
    return find_or_create_environment(OWN, kind=Environment.Kind.PRODUCTION)
