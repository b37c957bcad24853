"""The list of incidents: what is open, the worst first; by state, severity, service and person, with counts."""

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Count, DateTimeField, Exists, ExpressionWrapper, F, OuterRef, QuerySet, Value
from django.http import HttpResponse
from django.shortcuts import render

from alerts.incidents.flapping import well_since
from alerts.incidents.silenced import held_until
from alerts.incidents.since_then import write_standing
from alerts.models import Evidence, Incident, Severity
from alerts.views.shell import is_taken, severity_rank
from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.search.rows import Page, read_pages
from diagnostics.views.decorators import PageRequest, environment_page

State = Incident.State
APART: Final = timedelta(days=365 * 400)
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
    order = "-started_at" if state in ("resolved", "all") else "-place"
    try:
        context["result"] = read_pages(by_urgency(shown), order, request.GET.get("cursor", ""))
    except ValueError as error:
        context |= {"result": Page([], ""), "error": str(error)}
    found = context["result"].rows
    held = held_until(found, clock.now())
    context["rows"] = [(one, write_standing(one, one.still_fires), held.get(one.pk), well_since(one)) for one in found]
    return render(request, "alerts/incidents.html", context)


def by_urgency(rows: "QuerySet[Incident]") -> "QuerySet[Incident]":
    """With `place`: the worst, of those what nobody has, of those the newest stands last in time. Each step of badness is a
    shift by more time than there is between two incidents, so that pages follow one another by one column."""
    badness = severity_rank() * 2 + 1 - is_taken()
    place = ExpressionWrapper(F("started_at") + badness * Value(APART), output_field=DateTimeField())
    fires = Evidence.objects.filter(incident=OuterRef("pk"), rule=OuterRef("rule"), ended_at=None)
    return rows.annotate(place=place, still_fires=Exists(fires))


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
