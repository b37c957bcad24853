"""What alerts add to the page of an error, and what of errors an incident's page shows."""

from typing import Any, Final

from alerts.evaluation.first_seen import series_of
from alerts.incidents.opening import dedup_key_of
from alerts.incidents.resolved_errors import OF_ERRORS
from alerts.models import AlertRule, Evidence, Incident
from diagnostics.core.permissions import Perm
from diagnostics.models import ErrorGroup
from diagnostics.views.decorators import PageRequest
from diagnostics.views.held import held_here

LISTED: Final = 8
LOOKED_AT: Final = 200  # newest incidents among which those are looked for whose records the error is of


def error_incidents(request: PageRequest, error: ErrorGroup) -> dict[str, Any]:
    """The incidents that told of the error, and those whose records it is among; for who may see incidents."""
    if Perm.VIEW_INCIDENTS not in held_here(request, request.environment):
        return {}
    everything = Incident.objects.filter(environment=request.environment)
    rules = AlertRule.objects.filter(environment=request.environment, signal__in=OF_ERRORS)
    keys = [dedup_key_of(rule, series_of([error])) for rule in rules]
    told = set(Evidence.objects.filter(dedup_key__in=keys).values_list("incident_id", flat=True))
    newest = everything.filter(opened_at__gte=error.first_seen).order_by("-opened_at").values_list("pk", flat=True)
    among = everything.filter(
        pk__in=list(newest[:LOOKED_AT]), context__fingerprints__contains=[error.fingerprint]
    ).values_list("pk", flat=True)
    found = everything.filter(pk__in=told | set(among)).defer("samples", "context").order_by("-opened_at", "-pk")
    return {"incidents": [(incident, incident.pk in told) for incident in found[:LISTED]]}


def errors_among(incident: Incident) -> list[ErrorGroup]:
    """The errors that its records were of when it fired, the most frequent of them first."""
    prints = incident.context.get("fingerprints") or []
    rows = ErrorGroup.objects.filter(environment=incident.environment_id, fingerprint__in=prints)
    return sorted(rows, key=lambda error: prints.index(error.fingerprint)) if prints else []
