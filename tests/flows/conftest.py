"""One running product, with a Valkey of its own, that all flows of a worker share."""

import pytest

from tests.flows.plant import running_plant

PLACES = ("worker-1", "web-1", "web-child-1", "valkey-1", "connections-1", "surge-2")


@pytest.fixture(scope="session")
def plant(tmp_path_factory, worker_id):
    with running_plant(tmp_path_factory.mktemp("flows"), database=f"flows_{worker_id}") as found:
        found.product.provision_ahead(*PLACES)
        yield found
