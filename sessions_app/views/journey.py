"""One journey: what is known of it, who was on it, and what happened in order."""

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from diagnostics.core.permissions import Perm
from diagnostics.models import Environment, LogRecord
from diagnostics.search.page import SearchTooSlowError, search_limits
from diagnostics.views.decorators import PageRequest, environment_page
from sessions_app.models import Journey, LogSession
from sessions_app.outcomes import Aims
from sessions_app.scope import scope_of_journey
from sessions_app.views.playing import play


@environment_page(Perm.VIEW_SESSIONS)
def journey(request: PageRequest, journey_id: str) -> HttpResponse:
    """Over all its sessions, services and users."""
    found = Journey.objects.filter(environment=request.environment, journey_id=journey_id).first()
    if found is None:
        if not has_records(request.environment, journey_id):
            raise Http404("There is no such journey, or its retention is over.")
        given = {"journey": journey_id, "range": "30d"}
        return redirect(f"{reverse('timeline', args=[request.environment.slug])}?{urlencode(given)}")
    aims = Aims.of(request.environment)
    scope = scope_of_journey(found)
    context = {
        "page": "journeys",
        "journey": found,
        "aims": aims,
        "outcome": aims.outcome_of(found),
        "sessions": list(sessions_of(found)),
        "scope": scope,
        "scope_word": "journey",
        **play(request, request.environment, scope),
    }
    return render(request, "sessions_app/journey.html", context)


def has_records(environment: Environment, journey_id: str) -> bool:
    """Whether records name a journey that has no sums: they came in before journeys were counted, or just now."""
    try:
        with search_limits():
            return LogRecord.objects.filter(environment_id=environment.pk, journey_id=journey_id).exists()
    except SearchTooSlowError:
        return True  # the timeline, which is bounded by a time, will tell


def sessions_of(journey: Journey) -> "QuerySet[LogSession]":
    """The last of its sessions, newest first."""
    return LogSession.objects.filter(
        environment_id=journey.environment_id, session_id__in=journey.session_ids
    ).order_by("-last_seen_at", "-pk")
