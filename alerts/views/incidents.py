"""The list of incidents, one incident, and the two things that people do to it."""

from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from alerts.evaluation.signals import QUANTILES, base_of
from alerts.incidents.transitions import acknowledge_incident, resolve_incident
from alerts.models import AlertRule, Incident, Notification
from diagnostics.charts import Chart, Line, Marker, draw_lines
from diagnostics.core import clock
from diagnostics.core.access import access_row, held_perms
from diagnostics.core.permissions import Perm
from diagnostics.models import Event
from diagnostics.pipeline.bounds import mend_text
from diagnostics.search.golden import Sums, read_golden
from diagnostics.search.rows import Page, read_pages
from diagnostics.views.decorators import PageRequest, environment_page

BEFORE: Final = timedelta(minutes=30)  # of the signal's past on the chart
AFTER: Final = timedelta(minutes=10)
STATES: Final = ("open", "resolved", "all")
EARLIER: Final = 5


@environment_page(Perm.VIEW_INCIDENTS)
def incidents(request: PageRequest) -> HttpResponse:
    """Open ones first to be seen; the others a tab away."""
    state = request.GET.get("state", "open")
    state = state if state in STATES else "open"
    rows = Incident.objects.filter(environment=request.environment).select_related("acknowledged_by", "environment")
    service = request.GET.get("service", "")
    if service:
        rows = rows.filter(service_name=service)
    if state != "all":
        is_resolved = {"state": Incident.State.RESOLVED}
        rows = rows.filter(**is_resolved) if state == "resolved" else rows.exclude(**is_resolved)
    context: dict[str, Any] = {"page": "incidents", "states": STATES, "state": state, "service": service}
    try:
        context["result"] = read_pages(rows, "-opened_at", request.GET.get("cursor", ""))
    except ValueError as error:
        context |= {"result": Page([], ""), "error": str(error)}
    context["more"] = urlencode({"state": state, **({"service": service} if service else {})})
    return render(request, "alerts/incidents.html", context)


@environment_page(Perm.VIEW_INCIDENTS)
def incident(request: PageRequest, pk: int) -> HttpResponse:
    """Everything about one incident: what is wrong, since when, what changed, who was told."""
    found = find_incident(request, pk, Perm.VIEW_INCIDENTS)
    held = held_perms(request.user, request.environment)
    notifications = found.notifications.select_related("target").prefetch_related(
        Prefetch("delivery_attempts", to_attr="tries")
    )
    context = {
        "page": "incidents",
        "incident": found,
        "chart": draw_signal(found),
        "history": found.events.select_related("actor"),
        "notifications": notifications.order_by("created_at", "target__name"),
        "tally": tally(found),
        "earlier": Incident.objects.filter(dedup_key=found.dedup_key).exclude(pk=found.pk)[:EARLIER],
        "logs_query": logs_query(found),
        "samples": found.samples if Perm.VIEW_LOGS in held else [],
        "may_respond": Perm.RESPOND_INCIDENTS in held,
        "may_change_rule": Perm.MANAGE_RULES in held,
    }
    return render(request, "alerts/incident.html", context)


@environment_page(Perm.RESPOND_INCIDENTS)
@require_POST
def incident_acknowledge(request: PageRequest, pk: int) -> HttpResponse:
    """I am on it."""
    acknowledge_incident(find_incident(request, pk, Perm.RESPOND_INCIDENTS), request.user)
    return redirect("incident", request.environment.slug, pk)


@environment_page(Perm.RESPOND_INCIDENTS)
@require_POST
def incident_resolve(request: PageRequest, pk: int) -> HttpResponse:
    """It is over."""
    found = find_incident(request, pk, Perm.RESPOND_INCIDENTS)
    resolve_incident(found, request.user, mend_text(request.POST.get("note", "")[:500]))
    return redirect("incident", request.environment.slug, pk)


def find_incident(request: PageRequest, pk: int, perm: Perm) -> Incident:
    """The incident of this environment, or 404."""
    rows = Incident.objects.filter(environment=request.environment)
    return access_row(
        rows.select_related("environment", "rule", "acknowledged_by", "resolved_by"), request.user, perm, pk=pk
    )


def tally(found: Incident) -> dict[str, int]:
    """How many notifications stand where; their sum is what was fired."""
    counts = dict.fromkeys(Notification.State.values, 0)
    for state in found.notifications.exclude(action=Notification.Action.TEST).values_list("state", flat=True):
        counts[state] += 1
    return counts


def logs_query(found: Incident) -> str:
    """The search that shows the incident's records."""
    query = {"level": "error", "since": (found.started_at - timedelta(minutes=2)).isoformat()}
    query["until"] = ((found.resolved_at or clock.now()) + timedelta(minutes=1)).isoformat()
    if found.service_name:
        query["service"] = found.service_name
    return urlencode(query)


def draw_signal(found: Incident) -> Chart | None:
    """The rule's signal from half an hour before until it was over, with the limit and what changed."""
    rule = found.rule
    if rule is None:
        return None
    since = found.started_at - BEFORE
    until = min((found.resolved_at or clock.now()) + AFTER, clock.now() + timedelta(minutes=1))
    golden = read_golden(found.environment, since, until, found.service_name, found.http_route)
    values = [signal_value(rule, sums) for sums in golden.steps]
    markers = [Marker(found.started_at, "incident", found.resolved_at or until), *deploys(found, since, until)]
    shows_limit = rule.condition != AlertRule.Condition.CHANGE and (
        rule.signal in QUANTILES or rule.condition == AlertRule.Condition.SHARE
    )
    return draw_lines(
        rule.get_signal_display(),
        golden.times,
        golden.step,
        [Line(rule.get_signal_display().lower(), values, "tone-bad")],
        unit=unit_of(rule),
        markers=markers,
        limit=rule.threshold if shows_limit else None,
        size="is-tall",
    )


def unit_of(rule: AlertRule) -> str:
    """What the chart's values are in."""
    if rule.signal in QUANTILES:
        return "ms"
    return "%" if rule.condition == AlertRule.Condition.SHARE else ""


def signal_value(rule: AlertRule, sums: Sums) -> float | None:
    """The rule's signal in one step."""
    if rule.signal in QUANTILES:
        return sums.latency_at(QUANTILES[rule.signal])
    count = sums.counts.get(rule.signal)
    if count is None:
        return None  # matches and what is seen for the first time are no sums of a service
    if rule.condition != AlertRule.Condition.SHARE:
        return float(count)
    base = sums.counts[base_of(rule.signal)]
    return count / base if base else None


def deploys(found: Incident, since: datetime, until: datetime) -> list[Marker]:
    """Deploys in the time shown."""
    events = Event.objects.filter(environment=found.environment, timestamp__gte=since, timestamp__lt=until).exclude(
        title__contains=" first seen with "
    )
    return [Marker(event.timestamp, event.title) for event in events[:20]]
