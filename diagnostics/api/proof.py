"""Acts over the API that an open laptop must not suffice for. A token is proof: making one asked for it."""

from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from diagnostics.models import ApiToken
from diagnostics.privacy.sudo import has_sudo


def check_proof(request: Request) -> None:
    """PermissionDenied (403) for who comes with a session whose proof is old."""
    if not isinstance(request.auth, ApiToken) and not has_sudo(request._request):
        raise PermissionDenied("Prove once more who you are: sign in again, or use a token.")
