"""Home, preferences: pages that belong to a person, not to an environment."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from diagnostics.core.access import visible_environments
from diagnostics.core.permissions import Perm

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
