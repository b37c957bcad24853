"""Token authentication of the API: `Authorization: Bearer dt_…`."""

from django.contrib.auth.models import AbstractBaseUser
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from diagnostics.api.guessing import count_guess, refuse_guessers
from diagnostics.core.access import narrow
from diagnostics.models import ApiToken
from diagnostics.tokens import find_token, scope_of_token


class TokenAuthentication(BaseAuthentication):
    """The person of a token that is known, not revoked and not expired, cut down to the token's scope."""

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, ApiToken] | None:
        """None when no token is given: another way of authentication may apply."""
        scheme, _, text = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        refuse_guessers(request)
        token = find_token(text.strip()) if len(text) <= 200 else None
        if token is None:
            count_guess(request)
            raise AuthenticationFailed(
                "This token is unknown, revoked or expired. Make a new one on your account page."
            )
        narrow(token.user, scope_of_token(token))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """For the WWW-Authenticate header: makes missing credentials a 401."""
        return 'Bearer realm="api"'


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its class hook is untyped
    """How the schema describes it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """OpenAPI's words for a bearer token."""
        return {"type": "http", "scheme": "bearer"}
