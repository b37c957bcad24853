"""The signal of an incident up to now, for the small chart in a message. Read from minute sums, never from records."""

from datetime import timedelta
from typing import Final

from alerts.incidents.shown import read_signal
from alerts.models import Incident
from diagnostics.core import clock
from diagnostics.search.golden import read_golden

BEFORE: Final = timedelta(minutes=45)
LONGEST: Final = timedelta(hours=6)


def read_trend(incident: Incident) -> tuple[float | None, ...]:
    """Values in equal steps from before the incident until now or its end; empty when its signal is not in the sums."""
    rule = incident.rule
    if rule is None:
        return ()
    until = (incident.resolved_at or clock.now()) + timedelta(minutes=1)
    since = max(incident.started_at - BEFORE, until - LONGEST)
    golden = read_golden(incident.environment, since, until, incident.service_name, incident.http_route)
    values = tuple(read_signal(incident, rule, golden))
    return values if any(values) else ()
