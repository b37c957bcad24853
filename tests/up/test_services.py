"""The embedded services, really started, where paths are unkind."""

import os
import shutil
import stat
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis

from project.up.services import embedded_services


@pytest.fixture
def unkind_folder():
    root = Path(tempfile.mkdtemp(prefix="diagnostics unkind "))  # pytest's own folders are closed to other users
    yield root / ("long " * 20).strip() / ("deeper " * 10).strip()
    shutil.rmtree(root)


def test_they_run_in_a_long_path_with_spaces_and_keep_their_data(unkind_folder):
    parent = unkind_folder.parent.parent
    parent_mode = stat.S_IMODE(parent.stat().st_mode)
    assert len(str(unkind_folder)) > 107  # the limit of a unix socket's path
    for expected in (None, (7,)):
        with embedded_services(unkind_folder, durable=False) as urls:
            with psycopg.connect(urls.database_url, autocommit=True) as connection:
                if expected is None:
                    connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
                assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
            assert redis.Redis.from_url(urls.redis_url).ping()
    assert stat.S_IMODE(parent.stat().st_mode) == parent_mode


def test_they_want_a_password(unkind_folder):
    with embedded_services(unkind_folder, durable=False) as urls:
        without = urls.database_url.split("://")[1].split("@")[1]
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://diagnostics@{without}", connect_timeout=3, password="wrong")
        with pytest.raises(redis.RedisError):
            redis.Redis.from_url(f"redis://{urls.redis_url.split('@')[1]}").ping()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for PostgreSQL")
def test_root_runs_postgres_as_somebody_else_without_opening_closed_folders(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with embedded_services(closed / "data", durable=False) as urls, psycopg.connect(urls.database_url) as connection:
        pid = connection.execute("SELECT pg_backend_pid()").fetchone()[0]
        assert Path(f"/proc/{pid}").stat().st_uid != 0
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
