"""A world, and callers of its API."""

import pytest

from tests.api.calling import caller_with
from tests.world import begin_world


@pytest.fixture
def world(db):
    return begin_world("shop-one")


@pytest.fixture
def admin(world):
    return caller_with(world.environment, "environment-admin")


@pytest.fixture
def on_call(world):
    return caller_with(world.environment, "on-call")


@pytest.fixture
def viewer(world):
    return caller_with(world.environment, "viewer")
