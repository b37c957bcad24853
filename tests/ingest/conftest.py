"""An environment that takes records over HTTP, and a key for it. A test that needs others has its own."""

import pytest

from tests.factories import make_environment, make_key
from tests.ingest.otlp_messages import JSON, PROTOBUF


@pytest.fixture
def environment(transactional_db):
    return make_environment()


@pytest.fixture
def key(environment):
    return make_key(environment)


@pytest.fixture(params=[PROTOBUF, JSON], ids=["protobuf", "json"])
def encoding(request):
    return request.param
