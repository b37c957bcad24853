"""Two environments, somebody who administers the first, and somebody who may do everything."""

import pytest

from tests.people import make_person, sign_in
from tests.world import begin_world, make_world


@pytest.fixture
def world(db):
    return begin_world("shop-one")


@pytest.fixture
def other(db):
    return make_world("shop-two")


@pytest.fixture
def manager(world):
    return make_person(world.environment, "environment-admin")


@pytest.fixture
def admin(manager):
    return sign_in(manager)


@pytest.fixture
def superuser(db):
    return sign_in(make_person(is_superuser=True))
