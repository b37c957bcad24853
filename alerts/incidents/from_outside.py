"""What people did at a receiver is done here, too: once, in the target's own environment, and written into the history."""

import hashlib

from django.db import transaction

from alerts.delivery.render import clean
from alerts.incidents.grouping import locked
from alerts.incidents.transitions import acknowledge_incident, resolve_incident
from alerts.integrations.wish import Wish
from alerts.models import Handled, Incident, Target

WHO_CHARS = 80


def fulfil(target: Target, wish: Wish) -> bool:
    """Do it; False when it was done before, or is about nothing of this target's."""
    rows = Incident.objects.filter(environment_id=target.environment_id, pk=wish.incident_id)
    if wish.dedup_key:
        rows = rows.filter(dedup_key=wish.dedup_key)
    with transaction.atomic():
        incident = rows.filter(notifications__target=target).first()  # of what this target was told, and nothing else
        seen = hashlib.sha256(f"{target.pk} {wish.act} {wish.incident_id} {wish.event}".encode()).hexdigest()
        if incident is None or not Handled.is_first(seen) or is_overtaken(incident, wish):
            return False
        act(incident, wish.act, f"At {target.name}{said_by(wish.who)}.")
        return True


def is_overtaken(incident: Incident, wish: Wish) -> bool:
    """Whether it came back after that: what was meant is over. Only then are the two clocks compared: nobody can answer
    what has not begun, however their clock goes."""
    reopened_at = locked(incident.pk).reopened_at
    return wish.at is not None and reopened_at is not None and wish.at < reopened_at


def act(incident: Incident, what: str, text: str) -> None:
    """Nobody of ours did it: the text says who."""
    if what == "acknowledge":
        acknowledge_incident(incident, None, text)
    else:
        resolve_incident(incident, None, text)


def said_by(who: str) -> str:
    """' by Ann'; empty when the receiver does not say."""
    shown = " ".join(clean(who[:WHO_CHARS]).split())
    return f" by {shown}" if shown else ""
