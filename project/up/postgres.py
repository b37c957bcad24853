"""Embedded PostgreSQL: the binaries of a wheel, run by ourselves on loopback with a password."""

import os
import signal
from functools import partial
from pathlib import Path
from urllib.parse import quote

import psycopg

from project.up import processes
from project.up.cluster import ensure_cluster
from project.up.place import Place, find_place
from project.up.ports import free_port
from project.up.processes import Command
from project.up.service import Service

DATABASE = "diagnostics"
OWNER = "diagnostics"

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
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum_naptime": "10s"}


def prepare_postgres(folder: Path, *, durable: bool) -> Service:
    """Make the cluster where it is missing, end a server that was left behind, and say how to start a new one."""
    place = find_place(folder, durable=durable)
    password = ensure_cluster(place, OWNER, secret_file=folder.parent / f"{folder.name}-password", durable=durable)
    stop_leftover(place)
    port = free_port()
    options = {**SETTINGS, "port": str(port), **({} if durable else NOT_DURABLE)}
    arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    command = Command(
        "postgres",
        [place.install / "bin" / "postgres", "-D", place.cluster, *arguments],
        env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
        user=place.user,
        cwd=Path("/"),  # ours may be closed to the user
        log=folder.parent / f"{folder.name}.log",
        stop_signal=signal.SIGINT,  # "fast shutdown"
        grace=30.0,
    )
    base = f"postgresql://{OWNER}:{quote(password)}@127.0.0.1:{port}"
    rubbish = place.home if place.temporary else None
    return Service(command, f"{base}/{DATABASE}", partial(ensure_database, f"{base}/postgres"), rubbish)


def ensure_database(url: str) -> bool:
    """Create our database where it is missing; False while the server takes no connections."""
    try:
        connection = psycopg.connect(url, connect_timeout=2, autocommit=True)
    except psycopg.OperationalError:
        return False
    with connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")
    return True


def stop_leftover(place: Place) -> None:
    """End a server that outlived its supervisor; drop the note of one that did not.

    After a restart of the machine the number in the note may be another program's: that one is left alone.
    """
    pid_file = place.cluster / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return
    for number, seconds in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
        if str(place.cluster) not in processes.command_line(pid):
            break
        os.kill(pid, number)
        processes.wait_until(lambda: str(place.cluster) not in processes.command_line(pid), seconds=seconds)
    pid_file.unlink(missing_ok=True)
