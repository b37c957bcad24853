"""What alerts add to the page of a release: the incidents since it came that name it."""

from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from alerts.models import Incident
from diagnostics.core.permissions import Perm
from diagnostics.releases.arrivals import Arrival
from diagnostics.views.decorators import PageRequest
from diagnostics.views.held import held_here

LISTED: Final = 8
LOOKED_AT: Final = 500  # newest incidents of the time, among which those are looked for


def release_incidents(request: PageRequest, arrival: Arrival, since: datetime, until: datetime) -> dict[str, Any]:
    """Those of its service whose records carried it, and those before which it was what changed, wherever; each with
    whether it is of the service. For who may see incidents."""
    if Perm.VIEW_INCIDENTS not in held_here(request, request.environment):
        return {}
    of_time = Incident.objects.filter(environment=request.environment, opened_at__gte=since, opened_at__lt=until)
    newest = list(of_time.order_by("-opened_at", "-pk").values_list("pk", flat=True)[:LOOKED_AT])
    own = Q(service_name=arrival.service)
    names_it = Q(context__deploy__release=arrival.release)
    elsewhere = names_it & Q(context__deploy__service=arrival.service)
    rows = Incident.objects.filter(own & (Q(release=arrival.release) | names_it) | elsewhere, pk__in=newest)
    found = rows.defer("samples", "context").order_by("-opened_at", "-pk")[:LISTED]
    return {"incidents": [(incident, incident.service_name == arrival.service) for incident in found]}
