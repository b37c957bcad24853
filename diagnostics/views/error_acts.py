"""What people decide of errors, on the page of one or of several in the list: each act one address, and back."""

from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from diagnostics.core import clock
from diagnostics.core.access import people_with
from diagnostics.core.permissions import Perm
from diagnostics.errors.acts import REOPEN, Decision, assign, decide, ignore_until, resolve_until
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.error import find_error
from diagnostics.views.errors import DEFAULT_RANGE, LENGTHS, address, read_wanted
from diagnostics.views.times import TIME_NAMES, time_or_default

OTHER_RELEASE: Final = "release"  # until it comes in another one
HOURS: Final = frozenset(str(hours) for hours, _ in LENGTHS)
DONE: Final = {"resolve": "resolved", "reopen": "opened again", "ignore": "ignored"}


@environment_page(Perm.RESPOND_INCIDENTS)
@require_POST
def error_act(request: PageRequest, fingerprint: str) -> HttpResponse:
    """Of one error; back to its page."""
    found = find_error(request.environment, fingerprint)
    decision = read_decision(request)
    if decision is None:
        messages.error(request, "Choose what is to be done with it.")
    else:
        decide(request.user, request.environment, [found.fingerprint], decision)
    page = reverse("error", args=[request.environment.slug, found.fingerprint])
    shown = {name: request.POST[name] for name in TIME_NAMES if name in request.POST}
    return redirect(f"{page}?{urlencode(time_or_default(shown, DEFAULT_RANGE)[0].params())}" if shown else page)


@environment_page(Perm.RESPOND_INCIDENTS)
@require_POST
def error_assign(request: PageRequest, fingerprint: str) -> HttpResponse:
    """To somebody who may respond there; to nobody when none is named. Back to its page."""
    found, name = find_error(request.environment, fingerprint), request.POST.get("person", "")
    person = people_with(request.environment, Perm.RESPOND_INCIDENTS).filter(username=name).first() if name else None
    if name and person is None:
        messages.error(request, "Nobody of that name may respond here; choose one of the list.")
    else:
        assign(request.user, found, person)
    return redirect("error", request.environment.slug, found.fingerprint)


@environment_page(Perm.RESPOND_INCIDENTS)
@require_POST
def errors_act(request: PageRequest) -> HttpResponse:
    """Of the errors that were ticked in the list; back to it, as it was."""
    chosen, decision = request.POST.getlist("error"), read_decision(request)
    if decision is None or not chosen:
        messages.error(request, "Tick the errors first, then choose what is to be done with them.")
    else:
        try:
            number = decide(request.user, request.environment, chosen, decision)
            done = "error was" if number == 1 else "errors were"
            messages.success(request, f"{number:,} {done} {DONE[decision.verb]}.")
        except ValueError as error:
            messages.error(request, str(error))
    page = reverse("errors", args=[request.environment.slug])
    here = QueryDict(request.POST.get("here", "")[:2000])
    return redirect(page + address({**read_wanted(here), **time_or_default(here.dict(), DEFAULT_RANGE)[0].params()}))


def read_decision(request: PageRequest) -> Decision | None:
    """What the pressed button says; None where that is nothing."""
    resolve, ignore = request.POST.get("resolve"), request.POST.get("ignore")
    if "reopen" in request.POST:
        return REOPEN
    if resolve is not None:
        return resolve_until(awaits_release=resolve == OTHER_RELEASE)
    if ignore == OTHER_RELEASE:
        return ignore_until(awaits_release=True)
    if ignore in HOURS:
        return ignore_until(clock.now() + timedelta(hours=int(ignore or 0)))
    return None
