"""What the person of a request may do, asked once a request: menus ask for each entry."""

from django.http import HttpRequest

from diagnostics.core.access import held_perms, perms_anywhere
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment

KEPT = "_diagnostics_perms_anywhere"
KEPT_HERE = "_diagnostics_perms_here"
KEPT_FRAME = "_diagnostics_frame"


def held_anywhere(request: HttpRequest) -> set[Perm]:
    """Permissions that the person holds in some environment. The pages ask again, of the row's own."""
    kept: set[Perm] | None = getattr(request, KEPT, None)
    if kept is None:
        kept = perms_anywhere(request.user)
        setattr(request, KEPT, kept)
    return kept


def held_here(request: HttpRequest, environment: Environment) -> set[Perm]:
    """What the person may do in the environment of the page, asked once a request: the page, its frame and its counts
    all want to know."""
    kept: tuple[int, set[Perm]] | None = getattr(request, KEPT_HERE, None)
    if kept is None or kept[0] != environment.pk:
        kept = (environment.pk, held_perms(request.user, environment))
        setattr(request, KEPT_HERE, kept)
    return kept[1]


def keep_framed(request: HttpRequest, environment: Environment | None) -> None:
    """Remember whose navigation stands beside the page, for what other apps add to it."""
    setattr(request, KEPT_FRAME, environment)


def framed(request: HttpRequest) -> Environment | None:
    """The environment whose navigation stands beside the page: of the page, or the one last visited."""
    found: Environment | None = getattr(request, KEPT_FRAME, None) or getattr(request, "environment", None)
    return found
