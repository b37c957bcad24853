"""Suggestions of an environment: what is proposed, with the evidence; accepted or dismissed with one click."""

from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from alerts.evaluation.describe import describe_rule
from alerts.evaluation.history import moment_of
from alerts.models import Suggestion, SuggestionScan
from alerts.suggestions.decide import NotPossibleError, accept_suggestion, dismiss_suggestion
from alerts.suggestions.draw import draw_suggestion
from alerts.suggestions.found import WEEK
from alerts.suggestions.scan import ask_look
from alerts.suggestions.services import first_sums
from alerts.suggestions.tell import rules_of, tell
from alerts.suggestions.undo import undo_suggestion
from diagnostics.core import clock
from diagnostics.core.access import access_row
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from diagnostics.views.decorators import PageRequest, environment_page

DECIDED: Final = 20  # shown
State = Suggestion.State


@environment_page(Perm.MANAGE_RULES)
def suggestions(request: PageRequest) -> HttpResponse:
    """Those that are open, and what became of the last ones."""
    rows = Suggestion.objects.filter(environment=request.environment).select_related("rule", "outcome", "decided_by")
    shown = list(rows.filter(state=State.OPEN))
    rules = rules_of(shown)
    context: dict[str, Any] = {
        "page": "suggestions",
        "open": [(one, tell(one, rules), draw_suggestion(one, rules)) for one in shown],
        "decided": rows.filter(state__in=(State.ACCEPTED, State.DISMISSED, State.UNDONE)).order_by("-decided_at")[
            :DECIDED
        ],
        "scan": SuggestionScan.objects.filter(environment=request.environment).first(),
        "expected_at": expected_at(request.environment),
        "now": clock.now(),
    }
    return render(request, "alerts/suggestions.html", context)


def expected_at(environment: Environment) -> datetime | None:
    """When the first week of sums is whole; None where there are none yet."""
    first = first_sums(environment)
    return None if first is None else moment_of(first + WEEK)


@environment_page(Perm.MANAGE_RULES)
@require_POST
def suggestion_accept(request: PageRequest, pk: int) -> HttpResponse:
    """Do it, as it was shown."""
    found = find_suggestion(request, pk)
    revision = request.POST.get("revision", "")
    try:
        rule = accept_suggestion(request.user, found, int(revision) if revision.isdecimal() else None)
    except NotPossibleError as error:
        messages.error(request, str(error))
    else:
        muted = f" Muted until {rule.muted_until:%Y-%m-%d %H:%M} UTC." if found.kind == Suggestion.Kind.MUTE else ""
        messages.success(request, f"{rule.name}: {describe_rule(rule)}{muted} It can be undone below.")
    return redirect("suggestions", request.environment.slug)


@environment_page(Perm.MANAGE_RULES)
@require_POST
def suggestion_dismiss(request: PageRequest, pk: int) -> HttpResponse:
    """Not this one."""
    try:
        dismiss_suggestion(request.user, find_suggestion(request, pk))
    except NotPossibleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Dismissed: it is not suggested again for six weeks.")
    return redirect("suggestions", request.environment.slug)


@environment_page(Perm.MANAGE_RULES)
@require_POST
def suggestion_undo(request: PageRequest, pk: int) -> HttpResponse:
    """Take back what accepting did."""
    try:
        messages.success(request, undo_suggestion(request.user, find_suggestion(request, pk)))
    except NotPossibleError as error:
        messages.error(request, str(error))
    return redirect("suggestions", request.environment.slug)


@environment_page(Perm.MANAGE_RULES)
@require_POST
def suggestions_look(request: PageRequest) -> HttpResponse:
    """Do not wait for tomorrow."""
    if ask_look(request.environment.pk):
        messages.success(request, "The last week is being looked at: this takes some minutes.")
    else:
        messages.success(request, "The last week was looked at just now; ask again in ten minutes.")
    return redirect("suggestions", request.environment.slug)


def find_suggestion(request: PageRequest, pk: int) -> Suggestion:
    """Of this environment, or missing."""
    rows = Suggestion.objects.filter(environment=request.environment)
    return access_row(rows, request.user, Perm.MANAGE_RULES, pk=pk)
