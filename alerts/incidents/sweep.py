"""What happens to incidents by the clock: storms are told and end, flapping settles, snoozes and silences are over,
and what nobody answers is told further."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from alerts.delivery.plan import plan_news
from alerts.incidents.flapping import tell_flapping
from alerts.incidents.grouping import OPEN, locked
from alerts.incidents.history import add_event
from alerts.incidents.storms import recent, sum_up, tell_storm
from alerts.incidents.transitions import resolve_incident
from alerts.incidents.unanswered import call_further, unanswered_news
from alerts.incidents.unsilenced import hidden_news, tell_late
from alerts.models import Incident, IncidentEvent
from diagnostics.core.options import option
from diagnostics.storage.turns import Turn, take_turn

logger = logging.getLogger(__name__)

STORM_TOLD_EVERY: Final = timedelta(minutes=5)
Kind = IncidentEvent.Kind


def sweep_incidents(now: datetime) -> None:
    """Each minute. One incident's fault must not keep the others from being told."""
    still_open = Incident.objects.filter(state__in=OPEN)
    each(still_open.filter(kind=Incident.Kind.STORM), step_storm, now)
    each(still_open.exclude(flapping_since=None), step_flapping, now)
    each(still_open.filter(snoozed_until__lte=now), wake, now)
    hidden = hidden_news()  # also of storms that have ended a moment ago
    each(still_open.filter(pk__in=hidden), lambda incident, now: tell_late(incident, hidden[incident.pk], now), now)
    each(still_open.filter(pk__in=unanswered_news(now).values("incident")), call_further, now)


def each(rows: "QuerySet[Incident]", act: Callable[[Incident, datetime], None], now: datetime) -> None:
    """Every incident in a transaction of its own, locked."""
    for pk, environment_id in list(rows.values_list("pk", "environment_id")):
        try:
            with transaction.atomic():
                take_turn(Turn.INCIDENTS, environment_id)
                incident = locked(pk)
                if incident.is_open:
                    act(incident, now)
        except Exception:
            logger.exception("incident %d cannot be swept", pk)


def step_storm(storm: Incident, now: datetime) -> None:
    """Over when few incidents open any more; told now and then while it lasts. What it leaves open is told late, as after
    a silence."""
    if recent(storm.environment_id, now).count() <= option("STORM_INCIDENTS") // 2:
        sum_up(storm, now)
        resolve_incident(storm, None, f"The storm is over: {storm.summary}", now=now)
        return
    last = storm.events.order_by("-at", "-id")[:1].get()
    if last.at <= now - STORM_TOLD_EVERY:
        tell_storm(storm, Kind.COUNTED, now)


def step_flapping(incident: Incident, now: datetime) -> None:
    """Well for long enough: over. Else its digest."""
    if incident.settles_at is not None and incident.settles_at <= now:
        text = f"It has settled; it came back {incident.reopened} times."
        resolve_incident(incident, None, text, now=now, is_recovered=True)
        return
    tell_flapping(incident, now)


def wake(incident: Incident, now: datetime) -> None:
    """The snooze is over and the incident is not: told again."""
    incident.snoozed_until = None
    incident.save(update_fields=["snoozed_until"])
    event = add_event(incident, Kind.WOKEN, None, "The snooze is over, and it is still open.", now)
    plan_news(incident, event, now, rule=incident.rule)
