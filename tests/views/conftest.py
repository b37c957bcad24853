"""A world to look at, and somebody who may see all of it."""

import pytest

from tests.people import client_with, make_person, sign_in
from tests.world import begin_world


@pytest.fixture
def world(db):
    return begin_world("shop-one")


@pytest.fixture
def environment(world):
    return world.environment


@pytest.fixture
def on_call(world):
    return client_with(world.environment, "on-call")


@pytest.fixture
def superuser(db):
    return sign_in(make_person(is_superuser=True))


@pytest.fixture
def viewer(environment):
    return client_with(environment, "viewer")
