"""What people do on an incident's page: each act one address, one verb, and back to the page."""

from datetime import timedelta
from typing import Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from alerts.incidents.people import NotOpen, assign_incident, assignable, reopen_incident, snooze_incident
from alerts.incidents.transitions import acknowledge_incident, add_note, resolve_incident
from alerts.models import Incident
from alerts.silences import describe_meant, make_silence, silence_of_incident
from alerts.views.incident import find_incident
from alerts.views.silences import LENGTHS
from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.pipeline.bounds import mend_text
from diagnostics.views.decorators import PageRequest, environment_page

TEXT_CHARS: Final = 500
REASON_CHARS: Final = 200
LONGEST_HOURS: Final = 24 * 7


def back(request: PageRequest, found: Incident) -> HttpResponse:
    """To the incident's page."""
    return redirect("incident", request.environment.slug, found.pk)


def text_of(request: PageRequest, name: str, length: int = TEXT_CHARS) -> str:
    """What was typed, bounded."""
    return mend_text(request.POST.get(name, "").strip()[:length])


def hours_of(request: PageRequest) -> float:
    """A length of time in hours; one hour when it makes no sense."""
    try:
        hours = float(request.POST.get("hours", "1"))
    except ValueError:
        return 1.0
    return hours if 0 < hours <= LONGEST_HOURS else 1.0


@environment_page(Perm.RESPOND_INCIDENTS)
@require_POST
def acknowledge(request: PageRequest, pk: int) -> HttpResponse:
    """I am on it."""
    found = find_incident(request, pk, Perm.RESPOND_INCIDENTS)
    acknowledge_incident(found, request.user)
    return back(request, found)


@environment_page(Perm.RESPOND_INCIDENTS)
@require_POST
def resolve(request: PageRequest, pk: int) -> HttpResponse:
    """It is over."""
    found = find_incident(request, pk, Perm.RESPOND_INCIDENTS)
    resolve_incident(found, request.user, text_of(request, "note"))
    return back(request, found)


@environment_page(Perm.RESPOND_INCIDENTS)
@require_POST
def reopen(request: PageRequest, pk: int) -> HttpResponse:
    """It is not over."""
    found = find_incident(request, pk, Perm.RESPOND_INCIDENTS)
    try:
        reopen_incident(found, request.user, text_of(request, "note"))
    except NotOpen as error:
        messages.error(request, str(error))
    return back(request, found)


@environment_page(Perm.RESPOND_INCIDENTS)
@require_POST
def assign(request: PageRequest, pk: int) -> HttpResponse:
    """To somebody who may respond; to nobody when none is named."""
    found = find_incident(request, pk, Perm.RESPOND_INCIDENTS)
    name = request.POST.get("person", "")
    person = assignable(request.environment).filter(username=name).first() if name else None
    if name and person is None:
        messages.error(request, "Nobody of that name may respond to incidents here; choose one of the list.")
    else:
        assign_incident(found, person, request.user)
    return back(request, found)


@environment_page(Perm.RESPOND_INCIDENTS)
@require_POST
def note(request: PageRequest, pk: int) -> HttpResponse:
    """A remark for who comes next."""
    found = find_incident(request, pk, Perm.RESPOND_INCIDENTS)
    text = text_of(request, "text")
    if text:
        add_note(found, request.user, text)
    else:
        messages.error(request, "Text: write something first.")
    return back(request, found)


@environment_page(Perm.RESPOND_INCIDENTS)
@require_POST
def snooze(request: PageRequest, pk: int) -> HttpResponse:
    """Later."""
    found = find_incident(request, pk, Perm.RESPOND_INCIDENTS)
    try:
        snooze_incident(found, clock.now() + timedelta(hours=hours_of(request)), request.user)
    except NotOpen as error:
        messages.error(request, str(error))
    return back(request, found)


@environment_page(Perm.RESPOND_INCIDENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def silence(request: PageRequest, pk: int) -> HttpResponse:
    """Nobody is told of what it is about for a while; its page leads back here. GET is where messages lead: it asks the
    same as the incident's page."""
    found = find_incident(request, pk, Perm.RESPOND_INCIDENTS)
    if request.method != "POST":
        meant = describe_meant(silence_of_incident(found, clock.now(), 1, ""))
        context = {"page": "incidents", "incident": found, "meant": meant, "lengths": LENGTHS}
        return render(request, "alerts/incident_silence.html", context)
    reason = text_of(request, "reason", REASON_CHARS) or f"Incident {found.pk}"
    try:
        made = make_silence(request.user, silence_of_incident(found, clock.now(), hours_of(request), reason))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return back(request, found)
    page = reverse("silence", args=[request.environment.slug, made.pk])
    return redirect(f"{page}?incident={found.pk}")
