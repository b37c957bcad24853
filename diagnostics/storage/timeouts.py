"""Statements that were stopped because they took too long."""

from django.db import OperationalError
from psycopg.errors import QueryCanceled


def was_stopped(error: OperationalError) -> bool:
    """Whether it is that, in whatever language the server says so."""
    return isinstance(error.__cause__, QueryCanceled)
