"""What alerts add to every page's frame and to the overview."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from alerts.models import RANKS, InboxMessage, Incident, Suggestion, Target
from alerts.targets import describe_health
from diagnostics.charts import Marker
from diagnostics.core import clock
from diagnostics.core.access import visible
from diagnostics.core.permissions import Perm
from diagnostics.views.decorators import PageRequest
from diagnostics.views.held import held_here

TROUBLED = 5
COUNTED = 100  # "99+" says enough


def shell_counts(request: HttpRequest) -> dict[str, Any]:
    """Unread messages of the person, open incidents and suggestions of the page's environment."""
    unread = visible(InboxMessage.of(request.user.pk), request.user, Perm.VIEW_INCIDENTS).exclude(
        read_by=request.user.pk
    )
    counts: dict[str, Any] = {"inbox_count": unread[:COUNTED].count()}
    environment = getattr(request, "environment", None)
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
    """Open incidents for the sentence at the top, and when incidents were open for the charts."""
    if Perm.VIEW_INCIDENTS not in held_here(request, request.environment):
        return {}
    everything = Incident.objects.filter(environment=request.environment).select_related("environment")
    during = everything.filter(started_at__lt=until).exclude(resolved_at__lt=since)[:20]
    spans = [Marker(item.started_at, item.title, item.resolved_at or clock.now()) for item in during]
    ranked = sorted(
        everything.exclude(state=Incident.State.RESOLVED)[:20], key=lambda item: (-RANKS[item.severity], item.opened_at)
    )
    return {"incidents": ranked, "incident_spans": bool(spans), "markers": spans}


def overview_targets(request: PageRequest, since: datetime, until: datetime) -> dict[str, Any]:
    """Targets that do not hear us, for who may see whom alerts are sent to."""
    if Perm.VIEW_INCIDENTS not in held_here(request, request.environment):
        return {}
    troubled = Target.objects.filter(environment=request.environment).filter(
        Q(failing_since__isnull=False) | Q(enabled=False) & ~Q(disabled_reason="")
    )
    return {"troubled_targets": [(target, describe_health(target)) for target in troubled[:TROUBLED]]}
