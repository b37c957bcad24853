"""The backend of sessions that no password began: passkeys and single sign-on."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest


class PasswordlessBackend(AuthenticationBackend):
    """Knows people again; passwords are Django's own backend's matter, which lets no inactive account in."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Nobody, by this way."""
        return
