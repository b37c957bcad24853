"""What every page with a player shows: the whole scope at one look, and a page of its lines."""

from typing import Any

from django.http import HttpRequest

from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from diagnostics.search.page import SearchTooSlowError, search_limits
from diagnostics.views.held import held_here
from sessions_app.lanes import Overview, read_overview
from sessions_app.scope import Scope
from sessions_app.timeline import Place, Timeline, read_timeline


def may_see_spans(request: HttpRequest, environment: Environment) -> bool:
    """Spans are told to who may see traces, where traces are on."""
    return environment.tracing_enabled and Perm.VIEW_TRACES in held_here(request, environment)


def play(request: HttpRequest, environment: Environment, scope: Scope) -> dict[str, Any]:
    """Context of `sessions_app/parts/player.html` and `steps.html`. What is wrong with the address is told as `error`."""
    with_spans = may_see_spans(request, environment)
    place = Place(request.GET.get("cursor", ""), request.GET.get("at", ""), request.GET.get("t", ""))
    try:
        with search_limits():
            timeline = read_timeline(scope, place, with_spans=with_spans)
            overview = read_overview(scope, with_spans=with_spans)
    except (ValueError, SearchTooSlowError) as error:
        return {"timeline": Timeline(), "overview": Overview(), "error": str(error), "with_spans": with_spans}
    return {"timeline": timeline, "overview": overview, "with_spans": with_spans}
