"""Lines of an incident's history: written once, never changed."""

from datetime import datetime
from typing import Final

from alerts.models import Incident, IncidentEvent
from diagnostics.core.access import Person

TEXT_CHARS: Final = 500
STILL_SO: Final = "Still so"  # begins the line of what goes on although somebody said that it is over


def add_event(incident: Incident, kind: str, actor: Person | None, text: str, at: datetime) -> IncidentEvent:
    """One line."""
    actor_id = actor.pk if actor else None
    return IncidentEvent.objects.create(incident=incident, kind=kind, actor_id=actor_id, text=text[:TEXT_CHARS], at=at)
