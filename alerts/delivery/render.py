"""Makes the plain, redacted data that leaves the building out of an incident. A closed set of fields: what is not named
here does not leave."""

from dataclasses import replace
from typing import Final
from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import reverse

from alerts.delivery.alert import Alert, Links, Member
from alerts.delivery.digest import LISTED, describe_digest, incidents_in, standing_in
from alerts.delivery.news import news_of
from alerts.delivery.one_time import gives_links, link_of
from alerts.delivery.told_after import told_after_ms
from alerts.delivery.trend import read_trend
from alerts.evaluation.explain import write_value
from alerts.incidents.monitored import is_of_check_ins, monitor_of
from alerts.incidents.search import search_of, what_it_counts
from alerts.models import AlertRule, Incident, Notification, Severity, Target
from diagnostics.core import clock
from diagnostics.pipeline.redact import redact_text

TEXT_CHARS: Final = 500
TEST_TITLE: Final = "a sample, nothing is wrong"
SAMPLE: Final = "checkout: 5xx 14.0% of 1,240 requests in 3 min (174; usual is 4)."
DRAWN: Final = frozenset({"email"})  # kinds whose messages hold a chart


def render_alert(notification: Notification) -> Alert:
    """The alert of a notification."""
    incident = notification.incident
    if incident is None:
        return render_test(notification)
    alert = render_incident(incident, notification.target, str(notification.pk), notification.action)
    if notification.action == Notification.Action.DIGEST:
        return render_digest(alert, incidents_in(notification), notification.target)
    news = clean(news_of(notification, incident))
    return replace(alert, told_after_ms=told_after_ms(notification, clock.now()), news=news)


def render_test(notification: Notification) -> Alert:
    """A sample of its own: nothing is wrong, and it says so."""
    target, environment = notification.target, notification.target.environment
    at, page = notification.created_at.isoformat(), full(reverse("incidents", args=[environment.slug]))
    return Alert(
        id=str(notification.pk), action=notification.action, dedup_key="test", incident_id=0, title=TEST_TITLE,
        summary=f"Somebody sent a test to {clean(target.name)}. An alert would say here what is wrong, such as: {SAMPLE}",
        severity=Severity.INFO, environment=clean(environment.name), environment_kind=environment.kind, rule="Test",
        service="", route="", release="", state=Incident.State.RESOLVED, started_at=at, resolved_at=at, value=None,
        trace_id="", messages=(), sessions=0, users=0, deploy="", target_link=page_of_target(target),
        links=Links(page, home=settings.PUBLIC_URL, acknowledge=page, resolve=page),
    )  # fmt: skip


def page_of_target(target: Target) -> str:
    """Where it is set up."""
    return full(reverse("admin:alerts_target_change", args=[target.pk]))


def render_digest(alert: Alert, incidents: list[Incident], target: Target) -> Alert:
    """The same for several incidents."""
    if not incidents:
        return alert
    title, summary = describe_digest(incidents)
    state, severity = standing_in(incidents)
    members = tuple(member_of(one, target) for one in incidents[:LISTED])
    return replace(
        alert, title=clean(title), summary=clean(summary), state=state, severity=severity, members=members, back_at=""
    )


def member_of(incident: Incident, target: Target) -> Member:
    """One of several, with what its own message would say first."""
    asks = gives_links(target) and incident.state == Incident.State.TRIGGERED
    return Member(
        incident_id=incident.pk,
        title=clean(incident.title),
        severity=incident.severity,
        state=incident.state,
        link=page_of(incident),
        summary=clean(incident.summary),
        service=clean(incident.service_name),
        started_at=incident.started_at.isoformat(),
        back_at=came_back_at(incident),
        acknowledge=link_of(incident, target, "acknowledge") if asks else "",
    )


def page_of(incident: Incident) -> str:
    """The incident's own page."""
    return full(reverse("incident", args=[incident.environment.slug, incident.pk]))


def came_back_at(incident: Incident) -> str:
    """When it last came back; empty when it never did."""
    return incident.reopened_at.isoformat() if incident.reopened_at else ""


def render_incident(incident: Incident, target: Target, message_id: str, action: str) -> Alert:
    """What a target would be told of an incident."""
    environment = incident.environment
    context = incident.context
    return Alert(
        id=message_id,
        action=action,
        dedup_key=incident.dedup_key,
        incident_id=incident.pk,
        title=clean(incident.title),
        summary=clean(incident.summary),
        severity=incident.severity,
        environment=clean(environment.name),
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
        links=links_of(incident, target),
        change=describe_change(incident),
        back_at=came_back_at(incident),
        trend=read_trend(incident) if target.kind in DRAWN else (),
        target_link=page_of_target(target) if target.pk else "",
    )


def describe_change(incident: Incident) -> str:
    """'4.2 times the usual 12', '6.0 times the usual 28 ms'; empty where value and usual are not of one kind."""
    usual, rule = incident.context.get("usual"), incident.rule
    if not usual or incident.value is None or rule is None or rule.condition != AlertRule.Condition.THRESHOLD:
        return ""
    return f"{incident.value / usual:,.1f} times the usual {write_value(rule, usual)}"


def clean(text: str) -> str:
    """The last redaction, in the stricter profile; control characters go, and the length is bounded."""
    redacted = redact_text(str(text)[: TEXT_CHARS * 4], "outgoing")
    shown = "".join(sign for sign in redacted if sign.isprintable() or sign == "\n")
    return shown if len(shown) <= TEXT_CHARS else f"{shown[: TEXT_CHARS - 1]}…"


def is_clean(text: str) -> bool:
    """Whether it may leave as it is."""
    return clean(text) == text


def links_of(incident: Incident, target: Target) -> Links:
    """Direct links; each leads to a page that asks for permission itself. What redaction would change is in no link."""
    slug = incident.environment.slug
    page = page_of(incident)
    session_ids = [name for name in incident.context.get("session_ids") or [] if is_clean(name)]
    acts = gives_links(target) and incident.is_open
    return Links(
        incident=page,
        logs="" if is_of_check_ins(incident) else page_of_logs(incident),
        trace=full(reverse("trace", args=[slug, incident.trace_id])) if incident.trace_id else "",
        session=full(f"{reverse('sessions', args=[slug])}{quote(session_ids[0], safe='')}/") if session_ids else "",
        rule=full(reverse("admin:alerts_alertrule_change", args=[incident.rule_id])) if incident.rule_id else "",
        acknowledge=link_of(incident, target, "acknowledge") if acts else page,
        resolve=link_of(incident, target, "resolve") if acts else page,
        silence=full(reverse("incident-silence", args=[slug, incident.pk])),
        runbook=runbook_of(incident),
        error=page_of_error(incident),
        monitor=page_of_monitor(incident) if is_of_check_ins(incident) else "",
        home=settings.PUBLIC_URL,
    )


def page_of_error(incident: Incident) -> str:
    """Where it comes from, how often, since which release; empty unless the incident is about one error."""
    fingerprint = what_it_counts(incident).get("fingerprint", "")
    return full(reverse("error", args=[incident.environment.slug, fingerprint])) if fingerprint else ""


def page_of_monitor(incident: Incident) -> str:
    """The job's, with its check-ins; the list where it is about several, or the job is not watched any more."""
    slug, monitor = incident.environment.slug, monitor_of(incident)
    return full(reverse("monitor", args=[slug, monitor.pk]) if monitor else reverse("monitors", args=[slug]))


def page_of_logs(incident: Incident) -> str:
    """The records that it counts."""
    return full(f"{reverse('logs', args=[incident.environment.slug])}?{urlencode(clean_search(incident))}")


def clean_search(incident: Incident) -> dict[str, str]:
    """The search that shows the incident's records, as far as it may leave."""
    return {name: text for name, text in search_of(incident).items() if is_clean(text)}


def runbook_of(incident: Incident) -> str:
    """The runbook's address, unless it carries a secret."""
    address = incident.rule.runbook_url if incident.rule else ""
    return address if redact_text(address) == address else ""


def full(path: str) -> str:
    """The address as people reach it."""
    return f"{settings.PUBLIC_URL}{path}"
