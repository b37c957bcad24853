"""REQUIRE_SECOND_FACTOR: until a second factor is set up, nothing but setting it up is open."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from diagnostics.privacy.second_factor import lacks_second_factor

OPEN = ("/account/", "/login/", "/logout/", "/preferences/", "/static/", "/livez", "/readyz")


class SecondFactorMiddleware:
    """Sends who has only a password to the page of factors; the API asks for tokens, which such a person cannot make."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page, or the way to the factors."""
        if not is_open(request) and lacks_second_factor(request):
            if request.path.startswith("/api/"):
                return HttpResponse("Set up a second factor first.", status=403, content_type="text/plain")
            messages.error(request, "Set up a second factor first: an app or a passkey. Then everything is open.")
            return redirect(reverse("mfa_index"))
        return self.get_response(request)


def is_open(request: HttpRequest) -> bool:
    """Whether the address is needed to set one up."""
    return request.path.startswith(OPEN) and not makes_tokens(request)


def makes_tokens(request: HttpRequest) -> bool:
    """A token would be a way around."""
    return request.path == reverse("account") and request.method == "POST"
