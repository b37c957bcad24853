"""A world, and somebody who may keep snapshots of it. A test that needs others has its own."""

import pytest

from tests.people import client_with
from tests.world import begin_world


@pytest.fixture
def world(db):
    return begin_world("shop-one")


@pytest.fixture
def client(world):
    return client_with(world.environment, "on-call")
