"""REQUIRE_SECOND_FACTOR: who has only a password gets nothing, by whatever way, but the page that sets another up."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest

from diagnostics.privacy.sudo import came_by_single_sign_on

KNOWN = "second_factor_is_set_up"


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether it is asked for and the person signed in with a password alone. Once it is there, the session knows."""
    if not settings.REQUIRE_SECOND_FACTOR or not request.user.is_authenticated:
        return False
    if request.session.get(KNOWN) or came_by_single_sign_on(request, request.user):
        return False
    if is_mfa_enabled(request.user):
        request.session[KNOWN] = True
        return False
    return True
