"""Every page, asked by everybody: who may not, learns nothing."""

import pytest
from django.urls import reverse

from diagnostics.core.permissions import Perm
from tests.guards.asking import check, client_of, may
from tests.guards.matrix import (
    NOBODY,
    PAGES,
    REVEAL,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages(scene, name):
    world, _, people = scene
    needed, method, arguments = PAGES[name]
    for who, person in people.items():
        response = getattr(client_of(person), method)(reverse(name, kwargs=arguments(world)))
        if name == "readyz":
            assert response.status_code in (200, 503)
            continue
        allowed = may(who, needed) and needed != NOBODY
        check(response, allowed=allowed, said=f"{name} by {who}", world=world)


@pytest.mark.parametrize("name", sorted(REVEAL))
def test_revealing(scene, name):
    world, _, people = scene
    needed, arguments = REVEAL[name]
    for who, person in people.items():
        response = client_of(person).post(reverse(name, kwargs=arguments(world)))
        # The page needs view_logs, the fields one of two permissions.
        allowed = may(who, Perm.VIEW_LOGS) and may(who, needed)
        check(response, allowed=allowed, said=f"{name} by {who}", world=world)
        text = response.content.decode()
        assert ("secret frame" in text) == (allowed and may(who, Perm.VIEW_STACK_TRACES))
        assert ("restricted value" in text) == (allowed and may(who, Perm.VIEW_RESTRICTED))
