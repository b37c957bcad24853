"""Shared fixtures; factories are plain functions in tests/factories.py."""

import pytest
from asgiref.sync import SyncToAsync
from django.conf import settings
from django.core.cache import cache, caches
from django.db import connection, connections

from diagnostics.digest.bell import BELL
from diagnostics.ingest import keys
from diagnostics.storage.partitions import ensure_partitions
from diagnostics.storage.writer import WRITER

USES_DATABASE = frozenset({"db", "transactional_db", "live_server"})


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Close what threads of ours hold open before the test database is dropped."""
    with django_db_blocker.unblock():
        ensure_partitions()
    yield
    WRITER.close()
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()  # the thread of sync_to_async
    connections.close_all()
    connection.close_pool()


@pytest.fixture(autouse=True)
def forget_keys(request):
    """Rows of one test are no keys of the next, nor its failed sign-ins somebody else's."""
    keys.CACHE.clear()
    caches["process"].clear()
    if USES_DATABASE.intersection(request.fixturenames) or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("django_db_setup")
        with request.getfixturevalue("django_db_blocker").unblock():
            cache.clear()


@pytest.fixture(autouse=True)
def hush_bell():
    """A late ring would come when the test's database is closed or another test's."""
    yield
    BELL.hush()


def pytest_configure(config):
    """Hashing passwords slowly is Django's part, tested there."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
