"""One incident: what is wrong, since when, what changed, what shows it, who was told, who is on it."""

from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Prefetch, Sum
from django.http import HttpResponse
from django.shortcuts import render

from alerts.delivery.ledger import read_ledger
from alerts.evaluation.explain import write_value
from alerts.incidents.affected import count_affected
from alerts.incidents.flapping import well_since
from alerts.incidents.monitored import monitor_of
from alerts.incidents.people import assignable
from alerts.incidents.search import search_of
from alerts.incidents.silenced import silences_over
from alerts.incidents.similar import similar_incidents
from alerts.incidents.since_then import said_at, write_since_then
from alerts.incidents.storms import describe_storm
from alerts.incidents.together import began_together
from alerts.incidents.unanswered import next_calls
from alerts.models import DeliveryAttempt, Incident, IncidentEvent, Notification
from alerts.silences import describe_meant, silence_of_incident
from alerts.views.errors import errors_among
from alerts.views.samples import read_samples
from alerts.views.signal import describe_steps, draw_signal
from alerts.views.silences import LENGTHS
from alerts.views.told import told_lines
from diagnostics.core import clock
from diagnostics.core.access import access_row, held_perms
from diagnostics.core.permissions import Perm
from diagnostics.detection.templates.ids import read_id
from diagnostics.models import Template
from diagnostics.views.decorators import PageRequest, environment_page

LISTED: Final = 50  # rows of evidence, of a storm, of the ledger: the others are counted
HISTORY: Final = 200  # lines
REPORTS: Final = 5  # last check-ins of the job that it is about


@environment_page(Perm.VIEW_INCIDENTS)
def incident(request: PageRequest, pk: int) -> HttpResponse:
    """The page."""
    found = find_incident(request, pk, Perm.VIEW_INCIDENTS)
    return render(request, "alerts/incident.html", incident_context(request, found))


def incident_context(request: PageRequest, found: Incident) -> dict[str, Any]:
    """What the page shows, cut to what the person may see."""
    held = held_perms(request.user, request.environment)
    may_respond = Perm.RESPOND_INCIDENTS in held
    monitor = monitor_of(found)
    return {
        "page": "incidents",
        "incident": found,
        "summary": describe_storm(found) if found.kind == Incident.Kind.STORM and found.is_open else found.summary,
        "since_then": write_since_then(found),
        "said_at": said_at(found),
        "well_since": well_since(found),
        "affected": count_affected(found) if Perm.VIEW_LOGS in held and monitor is None else None,
        "chart": (chart := draw_signal(found)),
        "chart_steps": describe_steps(found.rule, chart),
        "chart_limit": write_value(found.rule, found.rule.threshold) if found.rule else "",
        "history": newest_lines(found),
        "evidence": found.evidence.select_related("rule")[:LISTED],
        "evidence_count": found.evidence.count(),
        "absorbed": found.absorbed.select_related("environment")[:LISTED],
        "absorbed_count": found.absorbed.count(),
        "told_lines": told_lines(found),
        "notifications": told_rows(found),
        "notifications_more": max(0, found.notifications.count() - LISTED),
        "tally": tally(found),
        "next_calls": next_calls(found) if found.state == Incident.State.TRIGGERED else [],
        "adds_up": all(line.adds_up for line in read_ledger([found])),
        "is_elsewhere": is_elsewhere(found),
        "similar": similar_incidents(found),
        "together": began_together(found) if found.kind == Incident.Kind.ALERT else [],
        "logs_query": urlencode(search_of(found)),
        "templates": templates_of(found) if Perm.VIEW_LOGS in held else [],
        "errors": errors_among(found) if Perm.VIEW_LOGS in held else [],
        "says": found.context.get("messages", []) if Perm.VIEW_LOGS in held else [],
        "samples": read_samples(found) if Perm.VIEW_LOGS in held else [],
        "sessions": sessions_of(found) if Perm.VIEW_SESSIONS in held else [],
        "monitor": monitor,
        "reports": monitor.reports.all()[:REPORTS] if monitor else [],
        "people": assignable(request.environment) if may_respond else [],
        "lengths": LENGTHS,
        "holds": silences_over([found], clock.now())[found.pk],
        "meant": describe_meant(silence_of_incident(found, clock.now(), 1, "")) if may_respond else "",
        "may_respond": may_respond,
        "may_change_rule": Perm.MANAGE_RULES in held,
    }


def is_elsewhere(found: Incident) -> bool:
    """Whether the change that it names is of a service that the incident is not about."""
    service = (found.context.get("deploy") or {}).get("service", "")
    return bool(service and found.service_name and service != found.service_name)


def newest_lines(found: Incident) -> list[IncidentEvent]:
    """The end of its history, oldest first."""
    return list(reversed(found.events.select_related("actor").order_by("-at", "-id")[:HISTORY]))


def told_rows(found: Incident) -> list[Notification]:
    """The beginning of the incident's ledger, with every attempt."""
    attempts = Prefetch("delivery_attempts", DeliveryAttempt.objects.order_by("started_at"), to_attr="tries")
    rows = found.notifications.select_related("target", "told_by", "fallback_of__target", "silence")
    return list(rows.prefetch_related(attempts).order_by("created_at", "target__name", "pk")[:LISTED])


def find_incident(request: PageRequest, pk: int, perm: Perm) -> Incident:
    """The incident of this environment, or 404."""
    rows = Incident.objects.filter(environment=request.environment)
    related = ("environment", "rule", "acknowledged_by", "resolved_by", "assigned_to", "storm")
    return access_row(rows.select_related(*related), request.user, perm, pk=pk)


def tally(found: Incident) -> dict[str, int]:
    """How many alerts stand where; their sum is what was fired."""
    counts = dict.fromkeys(Notification.State.values, 0)
    rows = found.notifications.order_by()
    counts.update(rows.values_list("state").annotate(found=Sum("alerts")))
    return {**counts, "fired": found.fired.aggregate(found=Sum("alerts"))["found"] or 0}


def sessions_of(found: Incident) -> list[tuple[str, str]]:
    """(session id, reference of its newest record among the samples): where its replay begins."""
    references = {sample.get("session_id"): str(sample["reference"]) for sample in reversed(found.samples)}
    return [(name, references.get(name, "")) for name in found.context.get("session_ids", ())]


def templates_of(found: Incident) -> list[Template]:
    """The message patterns that it is about."""
    references = found.context.get("templates", ())
    rows = Template.objects.filter(
        environment=found.environment, template_id__in=[read_id(each) for each in references]
    )
    return list(rows.order_by("-records", "template_id")) if references else []
