"""What sessions add to the page of a release: how many met trouble in it, and the last of them."""

from datetime import datetime
from typing import Any, Final

from diagnostics.core.permissions import Perm
from diagnostics.releases.arrivals import Arrival
from diagnostics.search.page import SearchTooSlowError, search_limits
from diagnostics.views.decorators import PageRequest
from diagnostics.views.held import held_here
from sessions_app.models import LogSession
from sessions_app.releases import SECONDS, sessions_of_releases
from sessions_app.touched import touched

LISTED: Final = 8


def release_sessions(request: PageRequest, arrival: Arrival, since: datetime, until: datetime) -> dict[str, Any]:
    """For who may see sessions."""
    environment, held = request.environment, held_here(request, request.environment)
    if Perm.VIEW_SESSIONS not in held:
        return {}
    counted = sessions_of_releases(held, environment, since, until, [arrival.name])
    fared = counted.get("sessions", {}).get(arrival.name)
    rows = LogSession.objects.filter(environment=environment, last_seen_at__gte=since)
    troubled = rows.filter(touched(arrival.release, arrival.service, "errors")).order_by("-last_seen_at", "-pk")
    try:
        with search_limits(SECONDS):
            sessions = list(troubled[:LISTED])
    except SearchTooSlowError:
        sessions = []
    return {"fared": fared, "sessions": sessions}
