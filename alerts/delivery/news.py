"""What a message says of the turn that it tells of, beside the incident itself: that it is back, who is on it, what became
worse."""

from typing import Final

from alerts.incidents.history import STILL_SO
from alerts.models import Incident, IncidentEvent, Notification
from alerts.monitors.spans import say_span

Action, Kind = Notification.Action, IncidentEvent.Kind

# Lines of history that say more than that it began, also to who hears of it for the first time.
TELLING: Final = (Kind.UNANSWERED, Kind.FLAPPING, Kind.COUNTED, Kind.TOLD_LATE)


def news_of(notification: Notification, incident: Incident) -> str:
    """One sentence; empty where the incident's own says all."""
    event = notification.event
    if event is None:
        return ""
    if event.kind == Kind.ACKNOWLEDGED:
        return describe_answer(event)
    if event.kind == Kind.REOPENED:
        return describe_return(event, incident)
    if notification.action in (Action.UPDATE, Action.ACKNOWLEDGE) or event.kind in TELLING:
        return news_in(event.text, incident)
    return ""


def describe_answer(event: IncidentEvent) -> str:
    """'ana acknowledged it at 11:49:10 UTC.'; of a receiver or a link what is known of who it was."""
    at = f"{event.at:%H:%M:%S} UTC"
    if event.actor is not None:
        return f"{event.actor.get_username()} acknowledged it at {at}. {event.text}".strip()
    where = f", {event.text[0].lower()}{event.text[1:]}" if event.text else "."
    return f"Acknowledged at {at}{where}"


def describe_return(event: IncidentEvent, incident: Incident) -> str:
    """'It came back 2 min after it was over.'; of a person's act who did it."""
    if event.actor is not None:
        return f"{event.actor.get_username()} opened it again. {event.text}".strip()
    if event.text.startswith(STILL_SO):
        return news_in(event.text, incident)
    ended = incident.events.filter(kind=Kind.RESOLVED, at__lte=event.at).order_by("-at", "-id").first()
    return f"It came back {say_span(event.at - ended.at)} after it was over." if ended else "It came back."


def news_in(text: str, incident: Incident) -> str:
    """What the incident's own sentence does not say already."""
    said = text.removesuffix(f": {incident.summary}")
    return text if said == text else f"{said}."
