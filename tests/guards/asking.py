"""Asking as somebody, and judging the answer."""

import os
from contextlib import contextmanager
from unittest.mock import patch
from zlib import crc32

from django.db import transaction
from django.template.response import SimpleTemplateResponse
from django.test import Client

from diagnostics.core.permissions import ADMIN_PERMS, ROLES, role_perms
from tests.guards.matrix import NOBODY, OPEN, SIGNED_IN, SUPERUSER

# They hold, or held, every role somewhere; never here and now.
OUTSIDERS = ("stranger", "neighbour", "expired", "revoked")
# They held something here once. One place decides of all three, for all doors: one of them asks at each door, each at a
# third of the doors; with ALL_DOORS=1 all ask at every door.
BYGONE = ("expired", "revoked", "inactive")


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


def askers(clients, door):
    """(name, client) of who asks at a door."""
    chosen = BYGONE[crc32(door.encode()) % len(BYGONE)]
    for who, client in clients.items():
        if who not in BYGONE or who == chosen or os.environ.get("ALL_DOORS"):
            yield who, client


@contextmanager
def undone():
    """What is done inside is undone: the next door finds the world as it was."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def perms_of(name):
    """What the person of this name holds in the first world, which is production."""
    return set(role_perms(name, is_production=True)) if name in ROLES else set()


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
    return bool(wanted & perms_of(name))


def sees_admin(name):
    """Whether the admin is open to the person at all."""
    return name in ("superuser", "neighbour") or bool(set(ADMIN_PERMS) & perms_of(name))


def was_refused(response):
    """Sent to sign in, or told that there is nothing."""
    to_login = response.status_code == 302 and "/login/" in response.get("Location", "")
    return to_login or response.status_code in (401, 403, 404)


def check(response, *, allowed, said, world):
    """In, or out without learning anything."""
    if allowed:
        assert response.status_code < 400, f"{said}: {response.status_code}"
        assert not was_refused(response), said
    else:
        assert was_refused(response), f"{said}: {response.status_code}"
        assert world.slug not in response.content.decode().replace(response.wsgi_request.path, ""), said
