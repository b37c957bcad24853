"""What incidents hold about a person: frozen sample records, session ids, and texts that quote those records."""

from collections.abc import Iterator
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from alerts.incidents.grouping import locked
from alerts.models import DeliveryAttempt, Evidence, InboxMessage, Incident, IncidentEvent
from alerts.own_messages import Own, own_messages
from alerts.scrubbing import allow_erasing, is_quote, scrub
from diagnostics.privacy.stores import Counts, Page, Store
from diagnostics.privacy.subject import Subject
from diagnostics.storage.turns import Turn, take_turn


def concerned(subject: Subject) -> "QuerySet[Incident]":
    """Incidents that may hold something."""
    rows = Incident.objects.filter(environment=subject.environment).exclude(samples=[], context={})
    return rows.filter(opened_at__lte=subject.until) if subject.until else rows


def is_theirs(subject: Subject, sample: dict[str, Any]) -> bool:
    """Whether a frozen record is about the person: it names them, or it names nobody and is of their session."""
    named = sample.get("user_key", "")
    return named in subject.user_keys or (not named and sample.get("session_id") in subject.session_ids)


def samples_of(subject: Subject) -> Iterator[tuple[Incident, list[dict[str, Any]]]]:
    """Incidents with the samples, if any, that are about the person."""
    for incident in concerned(subject).order_by("pk").iterator(200):
        yield incident, [sample for sample in incident.samples if is_theirs(subject, sample)]


def quoted_texts(own: Own, incident: Incident, samples: list[dict[str, Any]]) -> set[str]:
    """Texts that must go from the incident's messages and sentences."""
    found = {str(sample.get("body", "")) for sample in samples}
    return {*filter(is_quote, found), *own_messages(own, incident)}


def count(subject: Subject) -> Counts:
    """Incidents that hold something."""
    own = Own(subject)
    found = sum(
        bool(samples or named_sessions(subject, incident) or quoted_texts(own, incident, samples))
        for incident, samples in samples_of(subject)
    )
    return {"incident samples": found}


def named_sessions(subject: Subject, incident: Incident) -> list[str]:
    """The person's sessions among those that the incident names."""
    return [name for name in incident.context.get("session_ids", ()) if name in subject.session_ids]


def erase(subject: Subject, limit: int) -> Counts:
    """The incident stays, without what it kept of the person."""
    own = Own(subject)
    done = 0
    for incident, samples in samples_of(subject):
        texts = quoted_texts(own, incident, samples)
        if samples or texts or named_sessions(subject, incident):
            take_turn(Turn.INCIDENTS, subject.environment.pk)  # as whoever opens incidents does, and before their rows
            clean_incident(subject, locked(incident.pk), texts)
            done += 1
        if done >= limit:
            break
    return {"incident samples": done}


def clean_incident(subject: Subject, incident: Incident, texts: set[str]) -> None:
    """Samples and session ids go; sentences that quote them keep their numbers."""
    context = dict(incident.context)
    gone = set(named_sessions(subject, incident))
    if gone:
        context["session_ids"] = [name for name in context["session_ids"] if name not in gone]
    if texts and context.get("messages"):
        context["messages"] = [
            {**message, "text": scrub(str(message.get("text", "")), texts)} for message in context["messages"]
        ]
    incident.context = context
    left = [sample for sample in incident.samples if not is_theirs(subject, sample)]
    if incident.trace_id in traces_of(incident.samples) - traces_of(left):
        incident.trace_id = ""
    incident.samples = left
    incident.title, incident.summary = scrub(incident.title, texts), scrub(incident.summary, texts)
    incident.save(update_fields=["context", "samples", "title", "summary", "trace_id"])
    if texts:
        clean_sentences(incident, texts)


def traces_of(samples: list[dict[str, Any]]) -> set[str]:
    """Of frozen records."""
    return {str(sample.get("trace_id", "")) for sample in samples}


@transaction.atomic
def clean_sentences(incident: Incident, texts: set[str]) -> None:
    """The incident's history, its messages in the inbox, and what receivers said of those they were sent."""
    allow_erasing()
    for event in IncidentEvent.objects.filter(incident=incident):
        if event.text != (clean := scrub(event.text, texts)):
            IncidentEvent.objects.filter(pk=event.pk).update(text=clean)
    for evidence in Evidence.objects.filter(incident=incident):
        if evidence.summary != (clean := scrub(evidence.summary, texts)):
            Evidence.objects.filter(pk=evidence.pk).update(summary=clean)
    for message in InboxMessage.objects.filter(notification__incident=incident):
        title, text = scrub(message.title, texts), scrub(message.text, texts)
        if (title, text) != (message.title, message.text):
            InboxMessage.objects.filter(pk=message.pk).update(title=title, text=text)
    for attempt in DeliveryAttempt.objects.filter(notification__incident=incident).exclude(error=""):
        if attempt.error != (clean := scrub(attempt.error, texts)):
            DeliveryAttempt.objects.filter(pk=attempt.pk).update(error=clean)


def export(subject: Subject, cursor: str, limit: int) -> Page:
    """Only the samples themselves: the rest of an incident is about the software."""
    rows = concerned(subject).filter(pk__gt=int(cursor or 0)).order_by("pk")
    found = list(rows[:limit])
    kept = [
        {"incident": incident.pk, "opened_at": incident.opened_at, "samples": samples}
        for incident in found
        if (samples := [sample for sample in incident.samples if sample.get("user_key") in subject.user_keys])
    ]
    return Page(kept, str(found[-1].pk) if len(found) == limit else "")


STORE: Final = Store("incident samples", count, erase, export)
