"""One running product, with a Valkey of its own, that all flows of a worker share."""

import pytest

from tests.flows.plant import running_plant


@pytest.fixture(scope="session")
def plant(tmp_path_factory, worker_id):
    with running_plant(tmp_path_factory.mktemp("flows"), database=f"flows_{worker_id}") as found:
        yield found
