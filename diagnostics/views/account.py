"""Home, preferences, password and tokens: what belongs to a person, not to an environment."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from diagnostics.core.access import visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.models import ApiToken
from diagnostics.pipeline.bounds import bound_name
from diagnostics.privacy.audit import record_event
from diagnostics.tokens import issue_token, revoke_token
from diagnostics.views.decorators import PersonRequest

A_YEAR = 60 * 60 * 24 * 365
CHOICES = {"theme": ("light", "dark"), "zone": ("utc", "local")}


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The first environment that the person may see, production first; a word of help when there is none."""
    environments = list(visible_environments(request.user, Perm.VIEW_LOGS))
    environments.sort(key=lambda item: (not item.is_production, item.name))
    if environments:
        return redirect("overview", environments[0].slug)
    return render(request, "diagnostics/home.html")


@login_required
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Light or dark, UTC or local: kept in a cookie, so that the page is right from its first byte."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = reverse("home")
    response = HttpResponseRedirect(target)
    for name, allowed in CHOICES.items():
        value = request.POST.get(name, "")
        if value in allowed:
            response.set_cookie(name, value, max_age=A_YEAR, samesite="Lax", secure=request.is_secure(), httponly=True)
    return response


TOKEN_DAYS = (7, 30, 90, 365)
MOST_TOKENS = 50


@login_required
def account(request: PersonRequest) -> HttpResponse:
    """Tokens for machines; POST makes one and shows its text this once."""
    context: dict[str, Any] = {"page": "account", "days": TOKEN_DAYS}
    if request.method == "POST":
        context |= make_token(request)
    context["tokens"] = ApiToken.objects.filter(user_id=request.user.pk, revoked_at=None)
    response = render(request, "diagnostics/account.html", context, status=400 if "error" in context else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def make_token(request: PersonRequest) -> dict[str, Any]:
    """The new token's text, or what is wrong."""
    name, days = bound_name(request.POST.get("name", ""), 100), request.POST.get("days", "")
    if not name:
        return {"error": "Name: say who will use it, 'backup script', say."}
    if days not in map(str, TOKEN_DAYS):
        return {"error": f"Days: choose one of {', '.join(map(str, TOKEN_DAYS))}."}
    if ApiToken.objects.filter(user_id=request.user.pk, revoked_at=None).count() >= MOST_TOKENS:
        return {"error": f"You have {MOST_TOKENS} tokens; revoke one first."}
    token, text = issue_token(request.user, name, int(days))
    record_event(request.user, "token.create", f"token {token}")
    return {"made": token, "text": text}


@login_required
@require_POST
def token_revoke(request: PersonRequest, pk: int) -> HttpResponse:
    """One's own only."""
    token = get_object_or_404(ApiToken, pk=pk, user_id=request.user.pk)
    revoke_token(token)
    record_event(request.user, "token.revoke", f"token {token}")
    messages.success(request, f"Revoked {token.name}.")
    return redirect("account")
