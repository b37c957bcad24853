"""Flapping: what comes and goes is told once as flapping, then in digests, and as over only when it has settled."""

from datetime import datetime, timedelta
from typing import Final

from alerts.delivery.decision import Decision
from alerts.delivery.plan import plan_news
from alerts.incidents.history import add_event
from alerts.models import AlertRule, Incident, IncidentEvent, Notification

TIMES: Final = 3  # times that it came back ...
WITHIN: Final = timedelta(hours=1)  # ... within this time
SETTLES: Final = timedelta(minutes=15)  # well for this long: it is over
DIGEST_EVERY: Final = timedelta(minutes=30)
Kind = IncidentEvent.Kind


def has_begun_to_flap(incident: Incident, now: datetime) -> bool:
    """Whether it has come back too often."""
    if incident.flapping_since is not None and incident.is_open:
        return False
    returns = incident.events.filter(kind=Kind.REOPENED, actor=None, at__gt=now - WITHIN)
    return returns.count() >= TIMES


def start_flapping(incident: Incident, rule: AlertRule, now: datetime) -> None:
    """Say once that it flaps."""
    incident.flapping_since = now
    incident.context = {**incident.context, "counted": incident.reopened}
    incident.save(update_fields=["flapping_since", "context"])
    text = f"It came back {TIMES} times within an hour: it is flapping. From now on it is told in digests."
    plan_news(incident, add_event(incident, Kind.FLAPPING, None, text, now), now, rule=rule)


def well_since(incident: Incident) -> datetime | None:
    """Since when one that flaps looks well and waits to be told as over; None while it does not."""
    return incident.settles_at - SETTLES if incident.is_open and incident.settles_at is not None else None


def hidden_by_flapping(incident: Incident) -> Decision:
    """Why nobody is told of this time."""
    return Decision(Notification.Reason.FLAPPING, f"Incident {incident.pk} is flapping: its digest tells.")


def tell_flapping(incident: Incident, now: datetime) -> None:
    """The digest, when there is something to say and it is time."""
    last = incident.events.filter(kind__in=(Kind.FLAPPING, Kind.COUNTED)).order_by("-at").first()
    times = incident.reopened - int(incident.context.get("counted", 0))
    if times <= 0 or (last is not None and last.at > now - DIGEST_EVERY):
        return
    incident.context = {**incident.context, "counted": incident.reopened}
    incident.save(update_fields=["context"])
    minutes = int(((now - last.at) if last else DIGEST_EVERY).total_seconds() // 60)
    state = "looks well now" if incident.settles_at else "is firing now"
    text = f"It came {times} more time{'s' if times > 1 else ''} in {minutes} min and {state}."
    event = add_event(incident, Kind.COUNTED, None, text, now)
    snoozed = incident.snoozed_until is not None and incident.snoozed_until > now
    hidden = Decision(Notification.Reason.SNOOZED, "The incident is snoozed.") if snoozed else None
    plan_news(incident, event, now, rule=incident.rule, hidden=hidden)
