"""What alerts add to every page's frame and to the overview."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.expressions import OrderBy
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.http import HttpRequest

from alerts.incidents.flapping import well_since
from alerts.incidents.silenced import held_until
from alerts.incidents.since_then import count_since, said_at, write_standing
from alerts.models import RANKS, InboxMessage, Incident, Suggestion, Target
from alerts.targets import describe_health
from diagnostics.charts import Marker
from diagnostics.core import clock
from diagnostics.core.access import visible
from diagnostics.core.permissions import Perm
from diagnostics.views.decorators import PageRequest
from diagnostics.views.held import framed, held_here

TROUBLED = 5
NAMED = 20  # open incidents that the overview lists; all are counted
COUNTED = 100  # "99+" says enough
IMPACT = ("users", "sessions", "looked_at")


def shell_counts(request: HttpRequest) -> dict[str, Any]:
    """Unread messages of the person, open incidents and suggestions of the environment whose navigation is shown."""
    unread = visible(InboxMessage.new_to(request.user), request.user, Perm.VIEW_INCIDENTS)
    counts: dict[str, Any] = {"inbox_count": unread[:COUNTED].count()}
    environment = framed(request)
    if environment is not None:
        counts["open_incidents"] = (
            visible(Incident.objects.filter(environment=environment), request.user, Perm.VIEW_INCIDENTS)
            .exclude(state=Incident.State.RESOLVED)[:COUNTED]
            .count()
        )
        if Perm.MANAGE_RULES in held_here(request, environment):
            open_here = Suggestion.objects.filter(environment=environment, state=Suggestion.State.OPEN)
            counts["open_suggestions"] = open_here[:COUNTED].count()
    return counts


def overview_incidents(request: PageRequest, since: datetime, until: datetime) -> dict[str, Any]:
    """Open incidents, the one to look at first, and when incidents were open for the charts."""
    if Perm.VIEW_INCIDENTS not in held_here(request, request.environment):
        return {}
    everything = Incident.objects.filter(environment=request.environment).select_related("environment")
    during = everything.filter(started_at__lt=until).exclude(resolved_at__lt=since)[:20]
    spans = [Marker(item.started_at, item.title, item.resolved_at or clock.now()) for item in during]
    still = everything.exclude(state=Incident.State.RESOLVED).select_related("environment", "rule")
    urgent = still.annotate(rank=severity_rank())
    incidents = list(urgent.order_by(is_taken(), "-rank", *by_impact(), "started_at", "pk")[:NAMED])
    held = held_until(incidents, clock.now())
    return {
        "incidents": incidents,
        "named": [(incident, held.get(incident.pk)) for incident in incidents],
        "held_until": held.get(incidents[0].pk) if incidents else None,
        "well_since": well_since(incidents[0]) if incidents else None,
        **(describe_times(incidents[0]) if incidents else {}),
        "standing": describe_standing(incidents[0]) if incidents else "",
        "incident_count": still.count(),
        "incident_spans": bool(spans),
        "markers": spans,
    }


def describe_times(incident: Incident) -> dict[str, Any]:
    """Of when the sentence of the first of them is, and whether it had begun a good while before."""
    moment = said_at(incident)
    return {"said_at": moment, "began_before": moment - incident.started_at >= timedelta(minutes=1)}


def describe_standing(incident: Incident) -> str:
    """How the first of them stands by now: its sentence is of the moment when it fired."""
    fires = incident.evidence.filter(rule=incident.rule_id, ended_at=None).exists()
    return ", ".join(filter(None, (count_since(incident), write_standing(incident, fires))))


def is_taken() -> Case:
    """1 where somebody has it already, else 0: what nobody has comes first."""
    return Case(When(state=Incident.State.TRIGGERED, assigned_to=None, then=Value(0)), default=Value(1))


def by_impact() -> list[OrderBy]:
    """What looks well by now comes last; the others by what is kept of when each fired: a storm, which stands for many, then
    by people, sessions and bad records. What is not known is none."""
    goes_on = Case(When(settles_at=None, then=Value(1)), default=Value(0))
    storms = Case(When(kind=Incident.Kind.STORM, then=Value(1)), default=Value(0))
    kept = [Coalesce(Cast(KT(f"context__{name}"), IntegerField()), 0) for name in IMPACT]
    return [each.desc() for each in (goes_on, storms, *kept)]


def severity_rank() -> Case:
    """How bad it is, as a number."""
    return Case(*(When(severity=name, then=Value(rank)) for name, rank in RANKS.items()), default=Value(0))


def overview_targets(request: PageRequest, since: datetime, until: datetime) -> dict[str, Any]:
    """Targets that do not hear us, for who may see whom alerts are sent to."""
    if Perm.VIEW_INCIDENTS not in held_here(request, request.environment):
        return {}
    troubled = Target.objects.filter(environment=request.environment).filter(
        Q(failing_since__isnull=False) | Q(enabled=False) & ~Q(disabled_reason="")
    )
    return {"troubled_targets": [(target, describe_health(target)) for target in troubled[:TROUBLED]]}
