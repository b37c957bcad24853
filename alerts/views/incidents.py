"""The list of incidents: what is open first, by state, severity, service and person, with counts."""

from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from alerts.models import Incident, Severity
from diagnostics.core.permissions import Perm
from diagnostics.search.rows import Page, read_pages
from diagnostics.views.decorators import PageRequest, environment_page

State = Incident.State
# Tab -> the states that it shows.
STATES: Final = {
    "open": (State.TRIGGERED, State.ACKNOWLEDGED),
    "triggered": (State.TRIGGERED,),
    "acknowledged": (State.ACKNOWLEDGED,),
    "resolved": (State.RESOLVED,),
    "all": tuple(State),
}


@environment_page(Perm.VIEW_INCIDENTS)
def incidents(request: PageRequest) -> HttpResponse:
    """A page of them."""
    everything = Incident.objects.filter(environment=request.environment)
    state = request.GET.get("state", "open")
    state = state if state in STATES else "open"
    filters = chosen_filters(request)
    rows = narrow(everything, request, filters)
    counts = dict(rows.order_by().values_list("state").annotate(found=Count("pk")))
    context: dict[str, Any] = {
        "page": "incidents",
        "tabs": [(name, sum(counts.get(one, 0) for one in states)) for name, states in STATES.items()],
        "state": state,
        "severities": Severity.choices,
        "filters": filters,
        "kept": urlencode(filters),
        "more": urlencode({"state": state, **filters}),
    }
    shown = rows.filter(state__in=STATES[state]).select_related(
        "acknowledged_by", "assigned_to", "resolved_by", "environment"
    )
    try:
        context["result"] = read_pages(shown, "-started_at", request.GET.get("cursor", ""))
    except ValueError as error:
        context |= {"result": Page([], ""), "error": str(error)}
    return render(request, "alerts/incidents.html", context)


def chosen_filters(request: PageRequest) -> dict[str, str]:
    """What the address asks for, without what means nothing."""
    found = {name: request.GET.get(name, "")[:200] for name in ("service", "severity", "who")}
    if found["severity"] not in Severity.values:
        found["severity"] = ""
    if found["who"] not in ("me", "nobody"):
        found["who"] = ""
    return {name: value for name, value in found.items() if value}


def narrow(rows: "QuerySet[Incident]", request: PageRequest, filters: dict[str, str]) -> "QuerySet[Incident]":
    """Cut to the filters."""
    if "service" in filters:
        rows = rows.filter(service_name=filters["service"])
    if "severity" in filters:
        rows = rows.filter(severity=filters["severity"])
    if filters.get("who") == "me":
        rows = rows.filter(assigned_to=request.user.pk) | rows.filter(acknowledged_by=request.user.pk)
    if filters.get("who") == "nobody":
        rows = rows.filter(assigned_to=None, acknowledged_by=None)
    return rows
