"""The audit trail: searched, exported, verified; changes put back."""

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from diagnostics.core import clock
from diagnostics.core.access import is_almighty
from diagnostics.core.permissions import Perm
from diagnostics.models import AccessEvent, Environment
from diagnostics.privacy.audit import ACTION_KINDS, record_event
from diagnostics.privacy.chain import verify_chain
from diagnostics.privacy.revert import can_be_reverted, revert_change
from diagnostics.privacy.sudo import ask_again, has_sudo
from diagnostics.privacy.trail import TrailFilters, write_csv, write_json
from diagnostics.views.decorators import PageRequest, PersonRequest, environment_page

PAGE: Final = 50
WRITERS: Final = {"csv": (write_csv, "text/csv"), "json": (write_json, "application/x-ndjson")}


@environment_page(Perm.MANAGE_ACCESS)
def audit(request: PageRequest) -> HttpResponse:
    """Of one environment."""
    return answer(request, AccessEvent.objects.filter(environment=request.environment), request.environment)


@login_required
def audit_everywhere(request: PersonRequest) -> HttpResponse:
    """Of all environments and of none (sign-ins, accounts): for superusers."""
    if not is_almighty(request.user):
        raise Http404("There is nothing here that is yours to see.")
    return answer(request, AccessEvent.objects.all(), None)


def answer(request: HttpRequest, rows: "QuerySet[AccessEvent]", environment: Environment | None) -> HttpResponse:
    """The page, or the export that its address asks for."""
    context: dict[str, Any] = {"page": "audit", "kinds": ACTION_KINDS, "params": request.GET.dict()}
    try:
        filters = TrailFilters.from_params(request.GET)
        found = filters.apply(rows)
        if request.GET.get("format") in WRITERS:
            return export(request, found, environment)
        context |= read_events(found, request.GET.get("before", ""))
    except ValueError as error:
        context["error"] = str(error)
    if "verify" in request.GET:
        context["verdict"] = verify_chain()
    kept = {name: value for name, value in request.GET.items() if value and name not in ("before", "verify", "format")}
    context["keep"] = urlencode(kept)
    return render(request, "diagnostics/audit.html", context)


def read_events(rows: "QuerySet[AccessEvent]", before: str) -> dict[str, Any]:
    """One page, the newest first; ValueError for a cursor that was not given out."""
    if before and not (before.isascii() and before.isdecimal() and len(before) < 19):
        raise ValueError("before: this is no place in the trail")
    rows = rows.filter(pk__lt=int(before)) if before else rows
    events = list(rows.order_by("-pk")[: PAGE + 1])
    shown = [(event, can_be_reverted(event)) for event in events[:PAGE]]
    return {"events": shown, "next": events[PAGE - 1].pk if len(events) > PAGE else ""}


def export(request: HttpRequest, rows: "QuerySet[AccessEvent]", environment: Environment | None) -> HttpResponse:
    """The events that the page shows, all of them up to a bound; written down first."""
    if not has_sudo(request):
        return ask_again(request)
    name = request.GET["format"]
    writer, media_type = WRITERS[name]
    asked = {key: value[:200] for key, value in request.GET.items() if value and key != "format"}
    record_event(request.user, "audit.export", name, environment, filters=asked)
    response = StreamingHttpResponse(writer(rows.order_by("-pk")), content_type=f"{media_type}; charset=utf-8")
    place = environment.slug if environment else "all"
    response.headers["Content-Disposition"] = f'attachment; filename="audit-{place}-{clock.now():%Y%m%d}.{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response  # type: ignore[return-value]  # Django's two classes of answers have no common base in its types


@login_required
@require_POST
def audit_revert(request: PersonRequest, pk: int) -> HttpResponse:
    """Put a change back. Who may change the row may do this, from the trail or from the row's history."""
    event = AccessEvent.objects.filter(pk=pk).first()
    if event is None:
        raise Http404("There is no such event, or it is not yours to see.")
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = reverse("home")
    try:
        row = revert_change(request.user, event)
    except ValidationError as error:
        messages.error(request, f"Not put back, the old values no longer fit: {'; '.join(error.messages)}")
    else:
        messages.success(request, f"{row} is as it was before the change of {event.at:%Y-%m-%d %H:%M} UTC.")
    return redirect(back)
