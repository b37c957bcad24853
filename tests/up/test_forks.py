"""A forked child talks to the database by itself."""

import os

import pytest
from django.db import connection, connections

from project import forks

# Newer Pythons warn of what is done here on purpose; the children do next to nothing, and end.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")


@pytest.mark.django_db(transaction=True)
def test_a_child_has_connections_of_its_own_and_leaves_the_parents_alone():
    mine = backend()
    child = os.fork()
    if child == 0:
        os._exit(0 if backend() not in (0, mine) else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert backend() == mine


@pytest.mark.django_db(transaction=True)
def test_a_child_has_no_pool_of_its_parents():
    connections.close_all()  # back into the pool, which a child must not share
    child = os.fork()
    if child == 0:
        os._exit(1 if connection._connection_pools else 0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert not forks.INHERITED  # of this process


def backend():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]
