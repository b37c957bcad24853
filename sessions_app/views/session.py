"""One session from its beginning."""

from typing import Final

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render

from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.views.decorators import PageRequest, environment_page
from sessions_app.models import Journey, LogSession
from sessions_app.scope import scope_of_session
from sessions_app.views.playing import play

JOURNEYS: Final = 8  # the last of them


@environment_page(Perm.VIEW_SESSIONS)
def session(request: PageRequest, session_id: str) -> HttpResponse:
    """What happened, in order, over all services."""
    found = LogSession.objects.filter(environment=request.environment, session_id=session_id).first()
    if found is None:
        raise Http404("There is no such session, or its retention is over.")
    context = {"page": "sessions", "session": found, "is_on": found.is_on(clock.now())}
    context["journeys"] = journeys_in(found)[:JOURNEYS]
    context |= play(request, request.environment, scope_of_session(found))
    return render(request, "sessions_app/session.html", context)


def journeys_in(session: LogSession) -> "QuerySet[Journey]":
    """What was undertaken in it, the last first."""
    rows = Journey.objects.filter(environment=session.environment_id, session_ids__contains=[session.session_id])
    return rows.order_by("-last_seen_at", "-pk")
