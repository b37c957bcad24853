"""What people do with silences, and what silences do by the clock: they remind, they end when they are of no use, and when
they are over they tell their author what they hid."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet, Sum

from alerts.changes import save_silence
from alerts.incidents.storms import counted
from alerts.models import InboxMessage, Incident, Notification, Severity, Silence
from diagnostics.core import clock
from diagnostics.core.access import Person

REMIND_EVERY: Final = timedelta(days=7)
USELESS_AFTER: Final = timedelta(days=14)
WINDOW_USELESS_AFTER: Final = timedelta(days=100)  # one that comes again may have had three chances a quarter


def make_silence(actor: Person, silence: Silence) -> Silence:
    """Save a new one with its author."""
    silence.author_id = actor.pk
    silence.full_clean()
    save_silence(actor, silence)
    return silence


def end_silence(actor: Person, silence: Silence) -> None:
    """Over now; what it hid and is still open is told with the next sweep."""
    now = clock.now()
    if silence.ends_at > now:
        silence.ends_at, silence.ended_because = now, "Ended by hand."
        save_silence(actor, silence)


def silence_of_incident(incident: Incident, now: datetime, hours: float, reason: str) -> Silence:
    """What an incident's page offers, for so long: its rule of its service; where several rules show it, every rule of its
    service, up to its severity. Not yet saved."""
    is_wide = is_shown_by_several(incident)
    return Silence(
        environment=incident.environment,
        rule=None if is_wide else incident.rule,
        service_name=incident.service_name,
        severity=incident.severity if is_wide and incident.severity != Severity.CRITICAL else "",
        starts_at=now,
        ends_at=now + timedelta(hours=hours),
        reason=reason,
    )


def describe_meant(silence: Silence) -> str:
    """What nobody is told of, before 'for 1 hour': 'Errors of checkout'; 'checkout, whichever rule it is, up to error,'."""
    up_to = f", up to {silence.get_severity_display().lower()}" if silence.severity else ""
    if silence.rule is not None:
        return f"{silence.rule.name}{f' of {silence.service_name}' if silence.service_name else ''}{up_to}"
    if silence.service_name:
        return f"{silence.service_name}, whichever rule it is{up_to},"
    return f"anything in {silence.environment.name}{up_to}"


def is_shown_by_several(incident: Incident) -> bool:
    """Whether more than one rule shows it: to silence one of them would hide half of it. Without a service nothing else
    would bound the silence: then its rule does."""
    rules = incident.evidence.exclude(rule=None).order_by().values("rule").distinct()
    return bool(incident.service_name) and rules.count() > 1


def sweep_silences(now: datetime) -> None:
    """Each minute."""
    alive = Silence.objects.filter(closed_at=None).select_related("environment")
    for silence in alive.filter(starts_at__lte=now - USELESS_AFTER, ends_at__gt=now):
        patience = WINDOW_USELESS_AFTER if silence.days else USELESS_AFTER
        if (silence.last_hid_at or silence.starts_at) <= now - patience:
            silence.ends_at, silence.ended_because = now, f"It hid nothing for {patience.days} days."
            silence.save(update_fields=["ends_at", "ended_because"])
    for silence in alive.filter(ends_at__lte=now):
        Silence.objects.filter(pk=silence.pk).update(closed_at=now)
        tell_author(silence, "is over", silence.ended_because)
    for silence in alive.filter(starts_at__lte=now - REMIND_EVERY, ends_at__gt=now):
        if (silence.reminded_at or silence.starts_at) <= now - REMIND_EVERY:
            Silence.objects.filter(pk=silence.pk).update(reminded_at=now)
            tell_author(silence, "still holds", f"It ends {silence.ends_at:%Y-%m-%d %H:%M} UTC.")


def tell_author(silence: Silence, state: str, text: str) -> None:
    """A word in the author's inbox, with what was hidden."""
    if silence.author_id is None:
        return
    kind = "Maintenance window" if silence.days else "Silence"
    InboxMessage.objects.create(
        environment=silence.environment,
        person_id=silence.author_id,
        title=f"{kind} {state}: {silence.reason}"[:300],
        text=f"{text} {describe_hidden(silence)}".strip(),
    )


def describe_hidden(silence: Silence) -> str:
    """'It hid 12 alerts of 3 incidents; 1 is still open.'"""
    rows = hidden_by(silence)
    alerts = rows.aggregate(found=Sum("alerts"))["found"] or 0
    if not alerts:
        return "It hid nothing."
    incidents = Incident.objects.filter(pk__in=rows.values("incident_id"))
    still = incidents.exclude(state=Incident.State.RESOLVED).count()
    return f"It hid {counted(alerts, 'alert')} of {counted(incidents.count(), 'incident')}; {still:,} still open."


def hidden_by(silence: Silence) -> "QuerySet[Notification]":
    """The ledger's rows that it suppressed."""
    return Notification.objects.filter(silence=silence, reason=Notification.Reason.SILENCED)
