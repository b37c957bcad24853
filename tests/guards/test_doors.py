"""Every page, API address and admin view, asked by everybody. A few doors a test: making the world takes longer than asking."""

import pytest
from django.test import Client
from django.urls import reverse

from diagnostics.core.permissions import ROLES
from diagnostics.environments import grant_role, withdraw_role
from tests.guards.asking import check, client_of, undone
from tests.guards.doors import DOORS
from tests.guards.matrix import KEYED, NOBODY, OPEN, PAGES, SIGNED_IN, SUPERUSER

pytestmark = pytest.mark.django_db
AT_ONCE = 80
NAMES = sorted(DOORS)


@pytest.mark.parametrize("start", range(0, len(NAMES), AT_ONCE))
def test_doors(scene, start):
    for name in NAMES[start : start + AT_ONCE]:
        ask, *arguments = DOORS[name]
        ask(scene, *arguments)


def test_a_grant_that_is_withdrawn_closes_every_page_in_the_middle_of_a_session(scene):
    """Somebody walks all pages, loses their roles, and walks them again in the same session."""
    person, world = scene.people["stranger"], scene.world
    client = client_of(person)
    for role in ROLES:
        grant_role(person, world.environment, role)
    walk = {name: entry for name, entry in PAGES.items() if entry[0] not in (OPEN, SIGNED_IN, SUPERUSER, NOBODY)}
    for allowed in (True, False):
        for name, (_, method, arguments) in walk.items():
            with undone():
                response = getattr(client, method)(reverse(name, kwargs=arguments(world)))
            check(response, allowed=allowed, said=f"{name}, allowed: {allowed}", world=world)
        for role in ROLES:
            withdraw_role(person, world.environment, role)


@pytest.mark.parametrize("name", sorted(KEYED))
def test_what_shippers_ask_is_answered_to_keys_alone(scene, name):
    for who in ("anonymous", "environment-admin", "superuser"):
        response = scene.clients[who].get(reverse(name, kwargs=KEYED[name]))
        check(response, allowed=False, said=f"{name} by {who}", world=scene.world)
    answer = Client(headers={"Authorization": f"Bearer {scene.world.key_text}"}).get(reverse(name, kwargs=KEYED[name]))
    assert answer.status_code == 200
