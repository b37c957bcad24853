"""One world, another beside it, and everybody."""

import pytest

from tests.world import make_people, make_world


@pytest.fixture
def scene():
    world, other = make_world("matrix-one"), make_world("matrix-two")
    return world, other, make_people(world, other)
