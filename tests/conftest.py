"""Shared fixtures; factories are plain functions in tests/factories.py."""

import gc
import os

import pytest
from asgiref.sync import SyncToAsync
from django.conf import settings
from django.core.cache import cache, caches
from django.db import connection, connections
from django.test import TransactionTestCase

from alerts.evaluation.bell import BELLS
from diagnostics.digest.bell import BELL
from diagnostics.ingest import keys
from diagnostics.ingest.refusals import REFUSALS
from diagnostics.storage.writer import WRITER
from sessions_app.snapshots.bell import BELL as LATE_BELL
from tests.databases.flush import flush, keep_initial_rows
from tests.databases.template import copy_template, drop_copy
from tests.product import running_product

LONG = 3_600  # seconds
USES_DATABASE = frozenset({"db", "transactional_db", "live_server"})


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, worker_id):
    """A copy of the migrated database; what threads of ours hold open is closed before it is dropped."""
    name = f"diagnostics_test_{worker_id}"
    copy_template(name)
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
    with django_db_blocker.unblock():
        keep_initial_rows()
        connection.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: flush())
        yield
    with django_db_blocker.unblock():
        WRITER.close()
        SyncToAsync.single_thread_executor.submit(connections.close_all).result()  # the thread of sync_to_async
        connections.close_all()
        connection.close_pool()
    drop_copy(name)


@pytest.fixture(scope="session")
def product(tmp_path_factory, worker_id):
    """One running product for all who look from outside (the group "product"), each in an environment of their own."""
    with running_product(tmp_path_factory.mktemp("product"), database=f"product_{worker_id}") as found:
        yield found


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
def hush_bell(request, monkeypatch):
    """A late ring or count would come when the test's database is closed or another test's: it is hushed before that."""
    for name in USES_DATABASE.intersection(request.fixturenames):
        request.getfixturevalue(name)  # set up before this, and so torn down after it
    marker = request.node.get_closest_marker("django_db")
    if marker is not None and not marker.kwargs.get("transaction"):
        # It would sound in a thread of its own and so commit, which nothing takes back, if the test takes that long.
        wait = BELLS.wait
        monkeypatch.setattr(BELLS, "wait", lambda number, seconds, **how: wait(number, seconds + LONG, **how))
    yield
    BELL.hush()
    BELLS.hush()
    LATE_BELL.hush()
    REFUSALS.hush()


def pytest_xdist_auto_num_workers(config):
    """One more than there are cores: tests of whole products mostly wait, for pauses, time-outs and browsers."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish(session):
    """What was collected lives until the end; looking through it for garbage again and again takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 10, 10)


def pytest_configure(config):
    """Hashing passwords slowly is Django's part, tested there; and each test client builds the middleware anew, for
    which WhiteNoise would list every static file."""
    settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
