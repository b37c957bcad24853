"""Incidents that began together: a cause and what it breaks are often two services' incidents."""

from datetime import timedelta
from typing import Final

from alerts.models import Incident

WITHIN: Final = timedelta(minutes=10)
LISTED: Final = 6


def began_together(incident: Incident) -> list[tuple[Incident, bool]]:
    """The environment's others that began within ten minutes of this one, the nearest first; and whether this one's requests
    failed first in that one's service: that is likely the cause."""
    began = incident.started_at
    rows = Incident.objects.filter(environment=incident.environment_id, kind=Incident.Kind.ALERT).exclude(
        pk=incident.pk
    )
    near = rows.filter(started_at__gte=began - WITHIN, started_at__lte=began + WITHIN).defer("samples", "context")
    behind = set(incident.context.get("origins", ())) - {incident.service_name, ""}
    found = [(other, other.service_name in behind) for other in near.order_by("-started_at")[: LISTED * 10]]
    found.sort(key=lambda pair: (not pair[1], abs(pair[0].started_at - began)))
    return found[:LISTED]
