"""Choosing the port that people open."""

import socket
from typing import NamedTuple

TRIES = 50


class PortBusyError(Exception):
    """The port that was asked for is taken."""


class Choice(NamedTuple):
    """The port to use, and the busy one that it stands in for."""

    port: int
    instead_of: int | None = None


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def choose_port(host: str, asked: int | None, default: int = 8000) -> Choice:
    """The port asked for or an error; without one, the default or the next that is free."""
    if asked is not None:
        if is_free(host, asked):
            return Choice(asked)
        raise PortBusyError(f"PORT={asked}: the port is in use by another program. Stop that, or choose another PORT.")
    for port in range(default, default + TRIES):
        if is_free(host, port):
            return Choice(port, None if port == default else default)
    raise PortBusyError(f"Ports {default} to {default + TRIES - 1} are all in use. Choose one: PORT=9000 make up")


def free_port() -> int:
    """Some free port on loopback, for a service that only we talk to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
