"""An environment that takes records over HTTP, and a key for it. A test that needs others has its own."""

import pytest

from tests.factories import make_environment, make_key


@pytest.fixture
def environment(transactional_db):
    return make_environment()


@pytest.fixture
def key(environment):
    return make_key(environment)
