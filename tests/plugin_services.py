"""pytest plugin: real PostgreSQL and Valkey for the tests, started before Django reads its settings.

The controlling process starts them; xdist's workers inherit the addresses and take a Valkey database each.
TEST_DATABASE_URL and TEST_REDIS_URL use servers that run already.
"""

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from project.up.services import embedded_services
from tests.databases.template import begin_template

STACK = ExitStack()
VALKEY_DATABASES = 16


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config, parser, args):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker and not {"--help", "-h", "--version"} & set(args):
        start_services()
    elif worker.startswith("gw"):
        address, _, _ = os.environ["REDIS_URL"].rpartition("/")
        os.environ["REDIS_URL"] = f"{address}/{1 + int(worker[2:]) % (VALKEY_DATABASES - 1)}"
        os.environ["DIAGNOSTICS_DATA"] = str(Path(os.environ["DIAGNOSTICS_DATA"]) / worker)


def start_services():
    # Not $TMPDIR: as root, PostgreSQL's user must be able to enter the folder.
    folder = Path(tempfile.mkdtemp(prefix="diagnostics-test-"))
    STACK.callback(shutil.rmtree, folder, ignore_errors=True)
    urls = STACK.enter_context(
        embedded_services(
            folder / "services",
            durable=False,
            database_url=os.environ.get("TEST_DATABASE_URL", ""),
            redis_url=os.environ.get("TEST_REDIS_URL", ""),
        )
    )
    os.environ |= {
        "DATABASE_URL": urls.database_url,
        "REDIS_URL": urls.redis_url,
        "DIAGNOSTICS_DATA": str(folder / "data"),
        "SECRET_KEY": "only for tests: long enough, and worth nothing to anybody else",
        "HTTPS": "0",
        "DEBUG": "0",
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "PUBLIC_URL": "http://testserver",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # Playwright's synchronous API keeps a loop in the test's thread
        "TEMPLATE_LOG": str(folder / "template.log"),
    }
    process = begin_template(folder / "template.log")
    STACK.callback(process.wait)
    STACK.callback(process.terminate)


def pytest_xdist_auto_num_workers(config):
    """One more than there are cores: some tests wait for processes that were killed, for browsers, for timeouts."""
    return 1 + (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def pytest_unconfigure(config):
    STACK.close()
