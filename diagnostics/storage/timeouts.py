"""Statements that may take so long and no longer."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

NAME = "statement_timeout"


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Each statement inside is stopped after so long (OperationalError, see `was_stopped`), and none behind it in the same
    transaction."""
    goes_on = connection.in_atomic_block  # else the setting ends with the transaction that begins here
    with transaction.atomic(), connection.cursor() as cursor:
        if goes_on:
            cursor.execute("SELECT current_setting(%s)", [NAME])
            (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config(%s, %s, true)", [NAME, f"{seconds * 1000:.0f}ms"])
        yield
        if goes_on:
            cursor.execute("SELECT set_config(%s, %s, true)", [NAME, before])


def was_stopped(error: OperationalError) -> bool:
    """Whether it is that, in whatever language the server says so."""
    return isinstance(error.__cause__, QueryCanceled)
