"""The embedded services, really started, where paths are unkind."""

import io
import os
import shutil
import signal
import stat
import tempfile
import threading
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from project.up import place
from project.up.services import embedded_services, run_services
from project.up.supervisor import Supervisor
from tests.up.waiting import is_alive, wait_until


@pytest.fixture
def unkind_folder(monkeypatch):
    root = Path(tempfile.mkdtemp(prefix="diagnostics unkind "))  # pytest's own folders are closed to other users
    shared = Path(tempfile.mkdtemp(prefix="diagnostics shared "))
    shared.chmod(0o755)
    monkeypatch.setattr(place, "SHARED_ROOT", shared)
    yield root / ("long " * 20).strip() / ("deeper " * 10).strip()
    shutil.rmtree(root)
    shutil.rmtree(shared)


def test_they_run_in_a_long_path_with_spaces_and_keep_their_data(unkind_folder):
    parent = unkind_folder.parent.parent
    parent_mode = stat.S_IMODE(parent.stat().st_mode)
    assert len(str(unkind_folder)) > 107  # the limit of a unix socket's path
    for new in (True, False):
        with embedded_services(unkind_folder, durable=True) as urls:
            with psycopg.connect(urls.database_url, autocommit=True) as connection:
                if new:
                    connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
                assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
                assert connection.execute("SHOW fsync").fetchone() == ("on",)
            assert redis.Redis.from_url(urls.redis_url).ping()
    assert stat.S_IMODE(parent.stat().st_mode) == parent_mode


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's data lie in the data folder itself")
def test_a_folder_that_was_moved_takes_its_data_along_and_a_copy_does_not(unkind_folder):
    original, moved, copy = (unkind_folder / name for name in ("original", "moved", "copy"))
    home = place.find_place(original, durable=True).home
    original.rename(moved)
    assert place.find_place(moved, durable=True).home == home
    shutil.copytree(moved, copy)
    assert place.find_place(copy, durable=True).home != home
    assert place.find_place(moved, durable=True).home == home


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's data lie in the data folder itself")
def test_data_that_nobody_wants_are_gone_afterwards(unkind_folder):
    with embedded_services(unkind_folder, durable=False) as urls, psycopg.connect(urls.database_url) as connection:
        cluster = Path(connection.execute("SHOW data_directory").fetchone()[0])
        assert cluster.exists()
    assert not cluster.parent.exists()
    assert not list(place.SHARED_ROOT.glob("*/postgres"))


def test_a_killed_postgres_is_started_again_and_answers_with_its_data(unkind_folder):
    supervisor = Supervisor(output=io.StringIO())
    watching = threading.Thread(target=supervisor.watch)
    with run_services(supervisor, unkind_folder, durable=True, redis_url="redis://unused") as urls:
        (postgres,) = supervisor.children
        first = postgres.process.pid
        with psycopg.connect(urls.database_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        watching.start()
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: count_kept(urls.database_url) == 1, seconds=30)
        assert postgres.process.pid != first
        assert "postgres was ended by SIGKILL; starting it again" in supervisor.output.getvalue()
        supervisor.stopping.set()
        watching.join()
    assert not is_alive(first)


def count_kept(url):
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            return connection.execute("SELECT count(*) FROM kept").fetchone()[0]
    except psycopg.OperationalError:
        return None


def test_they_leave_no_process_behind(unkind_folder):
    before = set(psutil.Process().children(recursive=True))
    with embedded_services(unkind_folder, durable=False):
        started = set(psutil.Process().children(recursive=True)) - before
        assert {"postgres", "valkey-server"} <= {process.name() for process in started}
    assert not [process for process in started if is_alive(process.pid)]


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
