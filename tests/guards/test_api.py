"""Every API address, asked by everybody."""

import pytest
from django.urls import reverse

from diagnostics.core.permissions import ROLES
from tests.guards.asking import check, client_of, may
from tests.guards.matrix import (
    API,
    API_CHANGES,
    API_LISTS,
    NOBODY,
)

pytestmark = pytest.mark.django_db


def slash_twin(name):
    """'api-rule-detail' -> 'api-rule-slash-detail', 'api-log-list' -> 'api-log-list-slash'."""
    if name.startswith("api-log-"):
        return f"{name}-slash"
    kind, row, view = name.split("-", 2)
    return f"{kind}-{row}-slash-{view}"


@pytest.mark.parametrize("name", sorted(API))
def test_rows_and_acts_of_the_api(scene, name):
    world, _, people = scene
    needed, method, arguments = API[name]
    for twin in (name, slash_twin(name)):
        address = reverse(twin, kwargs=arguments(world)) + f"?environment={world.slug}"
        for who, person in people.items():
            response = getattr(client_of(person), method)(address, content_type="application/json")
            allowed = may(who, needed) if needed else who in ROLES or who == "superuser"
            check(response, allowed=allowed, said=f"{twin} by {who}", world=world)


@pytest.mark.parametrize("name", sorted(API_CHANGES))
@pytest.mark.parametrize("method", ["patch", "delete"])
def test_changes_through_the_api(scene, name, method):
    world, _, people = scene
    needed, arguments = API_CHANGES[name]
    address = reverse(name, kwargs=arguments(world))
    for who, person in people.items():
        if may(who, needed) and method == "delete":
            continue  # the row would be gone for the others
        response = getattr(client_of(person), method)(address, data={}, content_type="application/json")
        check(response, allowed=may(who, needed), said=f"{method} {name} by {who}", world=world)


@pytest.mark.parametrize("name", sorted(API_LISTS))
def test_lists_of_the_api(scene, name):
    world, other, people = scene
    for who, person in people.items():
        response = client_of(person).get(reverse(name))
        if who in ("anonymous", "inactive"):
            assert response.status_code == 401
            continue
        needed = API_LISTS[name]
        if needed == NOBODY:
            assert world.slug not in response.content.decode()
            continue
        sees = may(who, needed) if needed else who in ROLES or who == "superuser"
        assert response.status_code == 200
        text = response.content.decode()
        assert (world.slug in text) == sees, f"{name} by {who}"
        assert (other.slug in text) == (who in ("neighbour", "superuser")), f"{name} by {who}"
