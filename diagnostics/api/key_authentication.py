"""Authentication by ingest key: for what machines tell us over the API beside their records."""

from django.contrib.auth.models import AnonymousUser
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from diagnostics.api.guessing import count_guess, refuse_guessers
from diagnostics.ingest.answer import read_authorization
from diagnostics.ingest.keys import KeyHolder, cached_holder, find_holder

LONGEST = 200


class IngestKeyAuthentication(BaseAuthentication):
    """The environment of an ingest key, as `request.auth`. There is no person."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, KeyHolder]:
        """Wherever ingest itself finds the key: Bearer, Basic or ApiKey."""
        refuse_guessers(request)
        text = read_authorization(request.headers.get("authorization", ""))
        known, holder = cached_holder(text)
        if text and not known and len(text) <= LONGEST:
            holder = find_holder(text)
        if holder is None:
            count_guess(request)
            raise AuthenticationFailed("This needs an ingest key that is known and not revoked: Admin, Ingest keys.")
        return AnonymousUser(), holder

    def authenticate_header(self, request: Request) -> str:
        """For the WWW-Authenticate header: makes missing credentials a 401."""
        return 'Bearer realm="ingest"'


class HasIngestKey(BasePermission):
    """Nobody else, and no key that anybody may read."""

    message = "This ingest key sends records only (Admin, Ingest keys): check-ins and events need another."

    def has_permission(self, request: Request, view: object) -> bool:
        """Whether a key let the request in."""
        return isinstance(request.auth, KeyHolder) and not request.auth.records_only


class IngestKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its class hook is untyped
    """How the schema describes it."""

    target_class = IngestKeyAuthentication
    name = "ingestKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """OpenAPI's words for a bearer token."""
        return {"type": "http", "scheme": "bearer"}
