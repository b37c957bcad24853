"""The list of sessions."""

from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render

from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.pseudonyms import user_keys_of
from diagnostics.search.page import SearchTooSlowError, search_limits
from diagnostics.search.rows import Page, read_pages
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.default_view import open_default
from diagnostics.views.people import given_params, shareable_params, to_address
from diagnostics.views.times import offer_times, time_or_default
from sessions_app.models import LogSession
from sessions_app.touched import touched

SHOWN: Final[dict[str, dict[str, Any]]] = {"all": {}, "errors": {"errors__gt": 0}, "crashed": {"crashed": True}}
DEFAULT_RANGE: Final = "24h"
NAMES: Final = ("session", "user", "service", "release")
MOST_CHARS: Final = 400  # of one field: some pseudonyms side by side


@environment_page(Perm.VIEW_SESSIONS)
def sessions(request: PageRequest) -> HttpResponse:
    """Newest activity first."""
    if (default := open_default(request, "sessions")) is not None:
        return default
    given = shareable_params(request, partial(has_sessions, request.environment))
    if request.method == "POST" or given != given_params(request):
        return to_address(given)
    now = clock.now()
    time, wrong = time_or_default(given, DEFAULT_RANGE, now)
    show = given.get("show", "all")
    show = show if show in SHOWN else "all"
    wanted = {name: given.get(name, "").strip()[:MOST_CHARS] for name in NAMES}
    kept = {name: value for name, value in {**wanted, "show": show}.items() if value}
    context: dict[str, Any] = {
        "page": "sessions",
        "times": offer_times(time, kept, DEFAULT_RANGE, now),
        "error": wrong,
        "shown": list(SHOWN),
        "show": show,
        "wanted": wanted,
        "keep": urlencode({name: value for name, value in wanted.items() if value}),
    }
    rows = LogSession.objects.filter(environment=request.environment, last_seen_at__gte=time.since, **SHOWN[show])
    if time.end:
        rows = rows.filter(started_at__lt=time.end)
    try:
        note_lookup(request.user, request.environment, wanted["user"])
        with search_limits():
            rows = narrow(rows, request.environment, wanted, show)
            context["result"] = read_pages(rows, "-last_seen_at", given.get("cursor", ""))
    except (ValueError, SearchTooSlowError) as error:
        context |= {"result": Page([], ""), "error": str(error)}
    return render(request, "sessions_app/sessions.html", context)


def has_sessions(environment: Environment, key: str) -> bool:
    """Whether sessions are stored under this pseudonym."""
    return LogSession.objects.filter(environment=environment, user_key=key).exists()


def narrow(rows: Any, environment: Environment, wanted: dict[str, str], show: str) -> Any:
    """By session id, by user (a pseudonym, or an id that becomes one), by service and by release; with a release, what is
    shown must have befallen them in it."""
    if wanted["session"]:
        rows = rows.filter(session_id=wanted["session"])
    if wanted["user"]:
        rows = rows.filter(user_key__in=user_keys_of(environment, wanted["user"]))
    if wanted["service"]:
        rows = rows.filter(services__contains=[wanted["service"]])
    return rows.filter(touched(wanted["release"], wanted["service"], show)) if wanted["release"] else rows
