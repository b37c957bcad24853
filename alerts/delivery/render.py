"""Makes the plain, redacted data that leaves the building out of an incident. A closed set of fields: what is not named
here does not leave."""

from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import reverse

from alerts.delivery.alert import Alert, Links
from alerts.models import Incident, Notification
from diagnostics.pipeline.redact import redact_text

TEXT_CHARS = 500


def render_alert(notification: Notification) -> Alert:
    """The alert of a notification."""
    incident = notification.incident
    environment = incident.environment
    context = incident.context
    return Alert(
        id=str(notification.pk),
        action=notification.action,
        dedup_key=incident.dedup_key,
        incident_id=incident.pk,
        title=clean(incident.title),
        summary=clean(incident.summary),
        severity=incident.severity,
        environment=environment.name,
        environment_kind=environment.kind,
        rule=clean(incident.rule_name),
        service=clean(incident.service_name),
        route=clean(incident.http_route),
        release=clean(incident.release),
        state=incident.state,
        started_at=incident.started_at.isoformat(),
        resolved_at=incident.resolved_at.isoformat() if incident.resolved_at else "",
        value=incident.value,
        trace_id=incident.trace_id,
        messages=tuple((clean(item["text"]), int(item["count"])) for item in context.get("messages", [])),
        sessions=int(context.get("sessions", 0)),
        users=int(context.get("users", 0)),
        deploy=clean((context.get("deploy") or {}).get("title", "")),
        links=links_of(incident),
    )


def clean(text: str) -> str:
    """The last redaction, in the stricter profile; control characters go, and the length is bounded."""
    redacted = redact_text(str(text)[: TEXT_CHARS * 4], "outgoing")
    return "".join(sign for sign in redacted if sign.isprintable() or sign == "\n")[:TEXT_CHARS]


def is_clean(text: str) -> bool:
    """Whether it may leave as it is."""
    return clean(text) == text


def links_of(incident: Incident) -> Links:
    """Direct links; each leads to a page that asks for permission itself. What redaction would change is in no link."""
    slug = incident.environment.slug
    query = {"since": incident.started_at.isoformat(), "level": "error"}
    if incident.resolved_at:
        query["until"] = incident.resolved_at.isoformat()
    if incident.service_name and is_clean(incident.service_name):
        query["service"] = incident.service_name
    session_ids = [name for name in incident.context.get("session_ids") or [] if is_clean(name)]
    return Links(
        incident=full(reverse("incident", args=[slug, incident.pk])),
        logs=full(f"{reverse('logs', args=[slug])}?{urlencode(query)}"),
        trace=full(reverse("trace", args=[slug, incident.trace_id])) if incident.trace_id else "",
        session=full(f"{reverse('sessions', args=[slug])}{quote(session_ids[0], safe='')}/") if session_ids else "",
        rule=full(reverse("admin:alerts_alertrule_change", args=[incident.rule_id])) if incident.rule_id else "",
        runbook=incident.rule.runbook_url if incident.rule else "",
    )


def full(path: str) -> str:
    """The address as people reach it."""
    return f"{settings.PUBLIC_URL}{path}"
