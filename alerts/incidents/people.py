"""What people do with an incident besides acknowledging and ending it: assign, snooze, open again."""

from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from alerts.delivery.plan import plan_news
from alerts.incidents.grouping import OPEN, locked
from alerts.incidents.history import add_event
from alerts.incidents.resolved_errors import unmark_errors
from alerts.incidents.transitions import open_again
from alerts.models import Incident, IncidentEvent
from diagnostics.core import clock
from diagnostics.core.access import Person, people_with
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from diagnostics.storage.turns import Turn, take_turn

LONGEST_SNOOZE: Final = timedelta(days=7)
Kind = IncidentEvent.Kind


class NotOpen(Exception):
    """The act needs an open incident, or one that is over; the text says which."""


def assignable(environment: Environment) -> "QuerySet[User]":
    """Who may be given an incident: whoever may respond to it."""
    return people_with(environment, Perm.RESPOND_INCIDENTS)


def assign_incident(incident: Incident, assignee: User | None, actor: Person) -> Incident:
    """It is theirs now (None: nobody's). Assigning again to the same changes nothing."""
    with transaction.atomic():
        found = locked(incident.pk)
        wanted = assignee.pk if assignee else None
        if found.assigned_to_id != wanted:
            found.assigned_to_id = wanted
            found.save(update_fields=["assigned_to"])
            text = f"To {assignee.get_username()}." if assignee else "To nobody."
            add_event(found, Kind.ASSIGNED, actor, text, clock.now())
        return found


def snooze_incident(incident: Incident, until: datetime, actor: Person) -> Incident:
    """Nobody is reminded until then; what is worse, and the end, are told all the same. When it is still open, it is told
    again."""
    now = clock.now()
    if not now < until <= now + LONGEST_SNOOZE:
        raise ValueError("A snooze ends in the future, within 7 days; a silence may last longer.")
    with transaction.atomic():
        found = locked(incident.pk)
        if not found.is_open:
            raise NotOpen("The incident is over; there is nothing to snooze.")
        found.snoozed_until = until
        found.save(update_fields=["snoozed_until"])
        add_event(found, Kind.SNOOZED, actor, f"Until {until:%Y-%m-%d %H:%M} UTC.", now)
        return found


def reopen_incident(incident: Incident, actor: Person, text: str = "") -> Incident:
    """It is not over after all: told again to all."""
    now = clock.now()
    with transaction.atomic():
        take_turn(Turn.INCIDENTS, incident.environment_id)
        found = locked(incident.pk)
        if found.is_open:
            return found
        if Incident.objects.filter(dedup_key=found.dedup_key, state__in=OPEN).exists():
            raise NotOpen("The same series has an open incident by now; respond to that one.")
        unmark_errors(found, actor)
        open_again(found, now)
        event = add_event(found, Kind.REOPENED, actor, text, now)
        plan_news(found, event, now, rule=found.rule)
        return found
