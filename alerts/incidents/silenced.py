"""Which silences keep targets from being told of incidents now, and until when: for pages, that nobody waits for a message
that does not come."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from alerts.delivery.silencing import holding_silences
from alerts.models import Incident, Silence


class Hold(NamedTuple):
    """A silence that holds; of a window that comes again `until` is the end of the present hours."""

    silence: Silence
    until: datetime


def silences_over(incidents: Sequence[Incident], now: datetime) -> dict[int, list[Hold]]:
    """Incident -> the silences that hold over it, the one that ends last first; incidents of one environment. One that is over
    counts only those that began before its end: they go on, and others have nothing to do with it."""
    found: dict[int, list[Hold]] = defaultdict(list)
    if not incidents:
        return found
    holds = [Hold(silence, silence.holds_until(now)) for silence in holding_silences(incidents[0].environment_id, now)]
    holds.sort(key=lambda hold: hold.until, reverse=True)
    for incident in incidents:
        for hold in holds:
            if is_over_it(hold.silence, incident):
                found[incident.pk].append(hold)
    return found


def held_until(incidents: Sequence[Incident], now: datetime) -> dict[int, datetime]:
    """Open incident -> until when it is silenced, where it is."""
    holds = silences_over([incident for incident in incidents if incident.is_open], now)
    return {pk: found[0].until for pk, found in holds.items()}


def is_over_it(silence: Silence, incident: Incident) -> bool:
    """Whether it is meant, by the rule that speaks for it."""
    if incident.resolved_at is not None and silence.starts_at >= incident.resolved_at:
        return False
    return silence.matches(incident.rule_id, incident.service_name, incident.severity)
