"""The list of journeys, and what became of them."""

from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import QuerySet
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
from diagnostics.views.people import given_params, shareable_params, to_address
from diagnostics.views.times import offer_times, time_or_default
from sessions_app.funnel import Funnel, read_funnel
from sessions_app.models import Journey
from sessions_app.outcomes import Aims, Outcome

SHOWN: Final[dict[str, dict[str, Any]]] = {"all": {}, "errors": {"failed": True}, "crashed": {"crashed": True}}
DEFAULT_RANGE: Final = "24h"
MOST_CHARS: Final = 400  # of one field: some pseudonyms side by side


@environment_page(Perm.VIEW_SESSIONS)
def journeys(request: PageRequest) -> HttpResponse:
    """Newest activity first; above it the sums of the whole time, whichever of them are listed."""
    given = shareable_params(request, partial(has_journeys, request.environment))
    if request.method == "POST" or given != given_params(request):
        return to_address(given)
    aims = Aims.of(request.environment)
    now = clock.now()
    time, wrong = time_or_default(given, DEFAULT_RANGE, now)
    show, outcome = given.get("show", ""), given.get("outcome", "")
    show = show if show in SHOWN else "all"
    outcome = outcome if aims.are_known and outcome in set(Outcome) else ""
    wanted = {name: given.get(name, "").strip()[:MOST_CHARS] for name in ("journey", "user", "service")}
    context: dict[str, Any] = {
        "page": "journeys",
        "times": offer_times(time, {**wanted, "show": show, "outcome": outcome}, DEFAULT_RANGE, now),
        "error": wrong,
        "shown": list(SHOWN),
        "show": show,
        "outcome": outcome,
        "wanted": wanted,
        "aims": aims,
        "keep": urlencode({name: value for name, value in wanted.items() if value}),
    }
    rows = Journey.objects.filter(environment=request.environment, last_seen_at__gte=time.since)
    if time.end:
        rows = rows.filter(started_at__lt=time.end)
    try:
        note_lookup(request.user, request.environment, wanted["user"])
        with search_limits():
            rows = narrow(rows, request.environment, wanted)
            context["funnel"] = read_funnel(rows, aims)
            listed = rows.filter(aims.condition_of(outcome)) if outcome else rows
            context["result"] = read_pages(listed.filter(**SHOWN[show]), "-last_seen_at", given.get("cursor", ""))
    except (ValueError, SearchTooSlowError) as error:
        context |= {"result": Page([], ""), "error": str(error)}
    context["listed"] = [(row, aims.outcome_of(row)) for row in context["result"].rows]
    context.setdefault("funnel", Funnel())
    return render(request, "sessions_app/journeys.html", context)


def has_journeys(environment: Environment, key: str) -> bool:
    """Whether journeys are stored under this pseudonym."""
    return Journey.objects.filter(environment=environment, user_keys__contains=[key]).exists()


def narrow(rows: "QuerySet[Journey]", environment: Environment, wanted: dict[str, str]) -> "QuerySet[Journey]":
    """By journey id, by user (a pseudonym, or an id that becomes one) and by service."""
    if wanted["journey"]:
        rows = rows.filter(journey_id=wanted["journey"])
    if wanted["user"]:
        rows = rows.filter(user_keys__overlap=list(user_keys_of(environment, wanted["user"])))
    if wanted["service"]:
        rows = rows.filter(services__contains=[wanted["service"]])
    return rows
