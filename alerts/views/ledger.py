"""The ledger of an environment: by target and rule what was fired and what became of it, and every row."""

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from alerts.delivery.ledger import read_ledger
from alerts.delivery.redeliver import redeliver
from alerts.models import DeliveryAttempt, Incident, Notification, Target
from diagnostics.core import clock
from diagnostics.core.access import access_row
from diagnostics.core.permissions import Perm
from diagnostics.search.rows import Page, read_pages
from diagnostics.views.decorators import PageRequest, environment_page

RANGES: Final = {"1d": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}


@environment_page(Perm.VIEW_INCIDENTS)
def ledger(request: PageRequest) -> HttpResponse:
    """Sums above, rows below."""
    chosen = request.GET.get("range", "1d")
    chosen = chosen if chosen in RANGES else "1d"
    incidents = Incident.objects.filter(
        environment=request.environment, notifications__created_at__gte=clock.now() - RANGES[chosen]
    ).distinct()
    lines = read_ledger(incidents)
    filters = chosen_filters(request)
    context: dict[str, Any] = {
        "page": "incidents",
        "ranges": tuple(RANGES),
        "range": chosen,
        "lines": lines,
        "sums": {name: sum(getattr(line, name) for line in lines) for name in ("fired", *Notification.State.values)},
        "adds_up": all(line.adds_up for line in lines),
        "states": Notification.State.choices,
        "targets": Target.objects.filter(environment=request.environment),
        "filters": filters,
        "more": urlencode({"range": chosen, **filters}),
    }
    try:
        context["result"] = read_pages(rows_of(request, filters), "-created_at", request.GET.get("cursor", ""))
    except ValueError as error:
        context |= {"result": Page([], ""), "error": str(error)}
    return render(request, "alerts/ledger.html", context)


def chosen_filters(request: PageRequest) -> dict[str, str]:
    """What the address asks for, without what means nothing."""
    state, target = request.GET.get("state", ""), request.GET.get("target", "")
    found = {"state": state if state in Notification.State.values else ""}
    found["target"] = target if target.isascii() and target.isdecimal() and len(target) < 15 else ""
    return {name: value for name, value in found.items() if value}


def rows_of(request: PageRequest, filters: dict[str, str]) -> "QuerySet[Notification]":
    """Rows of the environment, cut to the filters."""
    rows = Notification.objects.filter(target__environment=request.environment)
    if "state" in filters:
        rows = rows.filter(state=filters["state"])
    if "target" in filters:
        rows = rows.filter(target=int(filters["target"]))
    newest = DeliveryAttempt.objects.order_by("notification_id", "-started_at").distinct("notification_id")
    with_newest = Prefetch("delivery_attempts", newest, to_attr="newest")
    return rows.select_related("incident", "target", "told_by", "silence").prefetch_related(with_newest)


@environment_page(Perm.RESPOND_INCIDENTS)
@require_POST
def ledger_redeliver(request: PageRequest, pk: str) -> HttpResponse:
    """Send it again."""
    rows = Notification.objects.filter(incident__environment=request.environment).select_related(
        "incident__environment"
    )
    row = access_row(rows, request.user, Perm.RESPOND_INCIDENTS, "incident__environment", pk=pk)
    if redeliver(row, request.user):
        messages.info(request, "It goes out again, under the same id; its attempts below show what comes of it.")
    else:
        messages.error(request, "Only what was sent or has failed can be sent again, to a target that is switched on.")
    return redirect("incident", request.environment.slug, row.incident_id)
