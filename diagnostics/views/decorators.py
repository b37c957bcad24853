"""What every page does first: somebody is signed in, and may see this environment."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase

from diagnostics.core.access import access_environment
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment

LAST_VISITED = "environment"  # in the session: pages of the person go on with its navigation
View = Callable[..., HttpResponseBase]


class PersonRequest(HttpRequest):
    """A request of somebody who signed in."""

    user: User


class PageRequest(HttpRequest):
    """A request to a page of an environment that the person may see."""

    environment: Environment


def environment_page(perm: Perm, *others: Perm) -> Callable[[View], View]:
    """The view gets `request.environment`; without `perm` in it (or one of `others`) the page is missing (404)."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def checked(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.environment = access_environment(request.user, slug, perm, *others)  # type: ignore[attr-defined]
            if request.session.get(LAST_VISITED) != slug:
                request.session[LAST_VISITED] = slug
            return view(request, *args, **kwargs)

        checked.needed_perm = perm  # type: ignore[attr-defined]
        return checked

    return decorate
