"""Choosing the port that people open."""

import socket
from typing import NamedTuple

from project.up.holder import describe_holder

TRIES = 50


class PortBusyError(Exception):
    """The port that was asked for is taken."""


class Choice(NamedTuple):
    """The port to use, and the busy one that it stands in for."""

    port: int
    instead_of: int | None = None


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now, and nobody answers there already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    # macOS lets us bind one address of a port that another program holds on all addresses.
    with socket.socket(family, socket.SOCK_STREAM) as caller:
        caller.settimeout(0.5)
        return caller.connect_ex((host, port)) != 0


def choose_port(host: str, asked: int | None, default: int = 8000) -> Choice:
    """The port asked for or an error; without one, the default or the next that is free."""
    if asked is not None:
        if is_free(host, asked):
            return Choice(asked)
        holder = describe_holder(asked) or "another program"
        raise PortBusyError(f"PORT={asked}: the port is in use by {holder}. Stop that, or choose another PORT.")
    for port in range(default, default + TRIES):
        if is_free(host, port):
            return Choice(port, None if port == default else default)
    raise PortBusyError(f"Ports {default} to {default + TRIES - 1} are all in use. Choose one: PORT=9000 make up")


def free_port() -> int:
    """Some free port on loopback, for a service that only we talk to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
