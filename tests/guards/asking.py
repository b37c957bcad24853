"""Asking as somebody, and judging the answer."""

from unittest.mock import patch

from django.template.response import SimpleTemplateResponse
from django.test import Client

from diagnostics.core.permissions import ROLES, role_perms
from tests.guards.matrix import NOBODY, OPEN, SIGNED_IN, SUPERUSER


class BareClient(Client):
    """Asks without drawing the admin's pages, which are slow to draw: whether one gets in is known before."""

    def request(self, **request):
        with patch.object(SimpleTemplateResponse, "rendered_content", ""):
            return super().request(**request)


def client_of(person, *, renders=True):
    client = Client() if renders else BareClient()
    if person is not None:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def may(name, needed):
    """Whether the person of this name is meant to get in."""
    if needed == OPEN:
        return True
    if name in ("anonymous", "inactive") or needed == NOBODY:
        return False
    if needed == SIGNED_IN or name == "superuser":
        return True
    if needed == SUPERUSER:
        return False
    wanted = needed if isinstance(needed, (set, frozenset)) else {needed}
    return name in ROLES and bool(wanted & set(role_perms(name, is_production=True)))


def check(response, *, allowed, said, world):
    """In, or out without learning anything."""
    to_login = response.status_code == 302 and "/login/" in response.get("Location", "")
    if allowed:
        assert response.status_code < 400, f"{said}: {response.status_code}"
        assert not to_login, said
    else:
        assert to_login or response.status_code in (401, 403, 404), f"{said}: {response.status_code}"
        assert world.slug not in response.content.decode().replace(response.wsgi_request.path, ""), said
