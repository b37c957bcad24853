"""Home, preferences, password and tokens: what belongs to a person, not to an environment."""

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from diagnostics.core.access import perms_anywhere, visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.models import ApiToken
from diagnostics.privacy.audit import record_event
from diagnostics.privacy.sudo import ask_again, has_sudo
from diagnostics.tokens import TOKEN_DAYS, describe_scope, make_token, revoke_token
from diagnostics.views.decorators import PersonRequest

A_YEAR = 60 * 60 * 24 * 365
CHOICES = {"theme": ("light", "dark"), "zone": ("utc", "local")}


class PasswordChange(PasswordChangeView):
    """One's own password. Tries are bounded, as at the sign-in, and a change is written down."""

    template_name = "diagnostics/password.html"
    success_url = reverse_lazy("account")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A try."""
        refused = ratelimit.consume_or_429(request, action="change_password", user=request.user)
        return refused or super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Done."""
        record_event(self.request.user, "account.password", self.request.user.get_username())
        return super().form_valid(form)


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


@login_required
def account(request: PersonRequest) -> HttpResponse:
    """Tokens for machines; POST makes one and shows its text this once."""
    context: dict[str, Any] = {"page": "account", "days": TOKEN_DAYS, "may": sorted(perms_anywhere(request.user))}
    if request.method == "POST":
        if not has_sudo(request):
            return ask_again(request)
        context |= answer_with_token(request)
    mine = ApiToken.objects.filter(user_id=request.user.pk, revoked_at=None).select_related("environment")
    context["tokens"] = [(token, describe_scope(token)) for token in mine]
    response = render(request, "diagnostics/account.html", context, status=400 if "error" in context else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def answer_with_token(request: PersonRequest) -> dict[str, Any]:
    """The new token's text, or what is wrong."""
    days = request.POST.get("days", "")
    try:
        token, text = make_token(
            request.user,
            request.POST.get("name", ""),
            int(days) if days.isascii() and days.isdecimal() and len(days) < 5 else 0,
            request.POST.getlist("permissions") or None,
            request.POST.get("environment", ""),
        )
    except ValueError as error:
        return {"error": f"{str(error).capitalize()}."}
    return {"made": token, "text": text}


@login_required
@require_POST
def token_revoke(request: PersonRequest, pk: int) -> HttpResponse:
    """One's own only."""
    token = get_object_or_404(ApiToken, pk=pk, user_id=request.user.pk)
    revoke_token(token)
    record_event(request.user, "token.revoke", f"token {token}", token.environment)
    messages.success(request, f"Revoked {token.name}.")
    return redirect("account")
