"""REQUIRE_SECOND_FACTOR: until a second factor is set up, nothing but setting it up is open."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from diagnostics.privacy.sudo import came_by_single_sign_on

OPEN = ("/account/", "/login/", "/logout/", "/preferences/", "/static/", "/livez", "/readyz")
KNOWN = "second_factor_is_set_up"


class SecondFactorMiddleware:
    """Sends who has only a password to the page of factors; the API asks for tokens, which such a person cannot make."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page, or the way to the factors."""
        if settings.REQUIRE_SECOND_FACTOR and is_missing(request):
            if request.path.startswith("/api/"):
                return HttpResponse("Set up a second factor first.", status=403, content_type="text/plain")
            messages.error(request, "Set up a second factor first: an app or a passkey. Then everything is open.")
            return redirect(reverse("mfa_index"))
        return self.get_response(request)


def is_missing(request: HttpRequest) -> bool:
    """Whether the person signed in with a password and has no second factor. Asked once a session once it is there."""
    if not request.user.is_authenticated or (request.path.startswith(OPEN) and not makes_tokens(request)):
        return False
    if request.session.get(KNOWN) or came_by_single_sign_on(request, request.user):
        return False
    if is_mfa_enabled(request.user):
        request.session[KNOWN] = True
        return False
    return True


def makes_tokens(request: HttpRequest) -> bool:
    """A token would be a way around."""
    return request.path == reverse("account") and request.method == "POST"
