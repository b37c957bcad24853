"""Shared fixtures; factories are plain functions in tests/factories.py."""

import pytest
from django.db import connection, connections

from diagnostics.ingest import keys
from diagnostics.storage.writer import WRITER


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    """Close what threads of ours hold open before the test database is dropped."""
    yield
    WRITER.close()
    connections.close_all()
    connection.close_pool()


@pytest.fixture(autouse=True)
def forget_keys():
    """Rows of one test are no keys of the next."""
    keys.CACHE.clear()
