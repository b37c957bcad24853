"""The admin: open to whoever may manage or look up something in some environment, signed in through the product's page."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.sites import UnfoldAdminSite

from diagnostics.core.permissions import ADMIN_PERMS
from diagnostics.views.held import held_anywhere


class DiagnosticsAdminSite(UnfoldAdminSite):
    """Permissions decide, not a staff flag that somebody forgets to take away."""

    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether any page of the admin is open to the person."""
        return not held_anywhere(request).isdisjoint(ADMIN_PERMS)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One sign-in page for everything; who is signed in and still comes here may not see the admin."""
        if request.user.is_authenticated:
            raise Http404("The admin is not yours to see.")
        return redirect_to_login(request.GET.get("next", request.get_full_path()))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The product's sign-out asks for POST; the link leads home."""
        return redirect("home")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One page for one's own password, too: there tries are bounded and a change is written down."""
        return redirect("password")

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Likewise."""
        return redirect("password")
