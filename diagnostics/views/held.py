"""What the person of a request may do anywhere, asked once a request: the admin's menus ask for each entry."""

from django.http import HttpRequest

from diagnostics.core.access import perms_anywhere
from diagnostics.core.permissions import Perm

KEPT = "_diagnostics_perms_anywhere"


def held_anywhere(request: HttpRequest) -> set[Perm]:
    """Permissions that the person holds in some environment. The pages ask again, of the row's own."""
    kept: set[Perm] | None = getattr(request, KEPT, None)
    if kept is None:
        kept = perms_anywhere(request.user)
        setattr(request, KEPT, kept)
    return kept
