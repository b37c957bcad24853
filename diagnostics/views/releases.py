"""The releases of an environment: when each came, what it carries, and whether it does better than the one before it."""

from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render

from diagnostics.core import clock
from diagnostics.core.limits import NAME_CHARS
from diagnostics.core.permissions import Perm
from diagnostics.models import Event
from diagnostics.releases.arrivals import Asked
from diagnostics.releases.listing import Listing, read_listing
from diagnostics.search.page import SearchTooSlowError
from diagnostics.templatetags.shell import visible
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.held import held_here
from diagnostics.views.times import offer_times, time_or_default

DEFAULT_RANGE: Final = "7d"


@environment_page(Perm.VIEW_LOGS)
def releases(request: PageRequest) -> HttpResponse:
    """The list; everything that it shows is in its address."""
    environment, now = request.environment, clock.now()
    held = held_here(request, environment)
    time, wrong = time_or_default(request.GET.dict(), DEFAULT_RANGE, now)
    asked = Asked(read_name(request, "service"), read_name(request, "release"))
    kept = {"service": asked.service, "release": asked.release}
    times = offer_times(time, kept, DEFAULT_RANGE, now)
    context: dict[str, Any] = {"page": "releases", "times": times, "error": wrong, "asked": asked}
    context["keep"] = urlencode({name: value for name, value in kept.items() if value})
    try:
        listing = read_listing(environment, held, time.since, time.until, asked, request.GET.get("cursor", ""))
    except (ValueError, SearchTooSlowError) as error:
        listing = Listing([])
        context["error"] = str(error)
    context |= {
        "rows": listing.rows,
        "next_cursor": listing.next_cursor,
        "services": choices(listing.services, asked.service),
        "sees_sessions": Perm.VIEW_SESSIONS in held,
        "ever": bool(listing.rows) or Event.objects.filter(environment=environment, kind=Event.Kind.DEPLOY).exists(),
    }
    return render(request, "diagnostics/releases.html", context)


def read_name(request: PageRequest, parameter: str) -> str:
    """A name as stored ones are bounded."""
    return request.GET.get(parameter, "")[:NAME_CHARS].replace("\0", "")


def choices(services: tuple[str, ...], chosen: str) -> list[str]:
    """Services to choose from. What holds signs that cannot be seen cannot be an option's value."""
    names = sorted({*services, chosen} - {""})
    return [name for name in names if visible(name) == name]
