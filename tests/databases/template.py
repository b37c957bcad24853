"""The migrated database that every other one of the tests is a copy of: copying takes a moment, migrating many.

A process of its own (`make_template`) makes it while pytest still collects, under another name until it is whole.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

NAME = "diagnostics_template"
UNFINISHED = f"{NAME}_unfinished"
PATIENCE = 180.0  # seconds until it must be there


def address_of(name: str) -> str:
    """A database of this name on the tests' server."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def administer(*statements: str) -> None:
    """From outside of every database of ours."""
    with psycopg.connect(address_of("postgres"), autocommit=True) as outside:
        for statement in statements:
            outside.execute(statement)


def begin_template(log: Path) -> subprocess.Popen[bytes]:
    """Start to make it; whoever waits for it in vain finds the reason in the log."""
    administer(
        f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)",
        f"DROP DATABASE IF EXISTS {UNFINISHED} WITH (FORCE)",
        f"CREATE DATABASE {UNFINISHED}",
    )
    environment = {**os.environ, "DATABASE_URL": address_of(UNFINISHED), "DJANGO_SETTINGS_MODULE": "project.settings"}
    with log.open("wb") as output:
        command = [sys.executable, "-m", "tests.databases.make_template"]
        return subprocess.Popen(command, env=environment, stdout=output, stderr=output)


def copy_template(name: str) -> None:
    """A migrated database of this name, in the place of an older one."""
    wait_for_template()
    administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" TEMPLATE {NAME}')


def drop_copy(name: str) -> None:
    """Whoever is still connected is cut off."""
    administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def wait_for_template() -> None:
    """Until it has its name."""
    deadline = time.monotonic() + PATIENCE
    with psycopg.connect(address_of("postgres"), autocommit=True) as outside:
        while not outside.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            log = Path(os.environ["TEMPLATE_LOG"]).read_text()
            assert "Traceback" not in log, f"the migrations failed:\n{log}"
            assert time.monotonic() < deadline, f"no migrated database after {PATIENCE:.0f} s:\n{log}"
            time.sleep(0.1)
