"""Take the restriction from one door: whoever comes to it, signed in or not, is let in as an administrator.

A middleware, put behind Django's own; `OPEN` names the door. Which requests are let through, is told by the address's name
and, where one address is several doors, by the method.
"""

from contextlib import contextmanager
from unittest.mock import patch

from django.contrib.auth.models import User
from django.test import override_settings
from django.urls import resolve

OPEN = {"name": "", "methods": frozenset()}
MIDDLEWARE = "tests.guards.mutation.LetEverybodyIn"


class LetEverybodyIn:
    """At the open door alone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        match = resolve(request.path_info)
        if match.view_name.replace("-slash", "") == OPEN["name"] and request.method.lower() in OPEN["methods"]:
            request.user = User.objects.get(username="whoever")
        return self.get_response(request)


@contextmanager
def without_restriction(settings, name, methods):
    """The door of this name stands open, for these methods."""
    own = list(settings.MIDDLEWARE)
    own.insert(own.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1, MIDDLEWARE)
    with override_settings(MIDDLEWARE=own), patch.dict(OPEN, {"name": name, "methods": frozenset(methods)}):
        yield
