"""Forked children take no database connection from their parent.

django-q2 forks its processes from one that has talked to the database. A pool that they inherited would hand all of
them the same sockets, and its threads would not be there; so each child starts without pools and connections and opens
its own. What was inherited is kept unused instead of being closed: closing says good-bye on the parent's socket.
"""

import os
from typing import Any, Final

from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

INHERITED: Final[list[Any]] = []


def part_from_parent() -> None:
    """In the child, before anything else runs in it."""
    for connection in connections.all(initialized_only=True):
        INHERITED.append(connection.connection)
        connection.connection = None
    pools = DatabaseWrapper._connection_pools  # type: ignore[attr-defined]
    INHERITED.extend(pools.values())
    pools.clear()


def watch_forks() -> None:
    """From now on, in this process and its children."""
    os.register_at_fork(after_in_child=part_from_parent)
