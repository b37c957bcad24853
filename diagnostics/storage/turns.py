"""Turns: who does a thing in an environment is alone with it until the end of the transaction, by PostgreSQL's advisory
locks. Taking a turn twice is fine. Whoever takes a turn in several environments does so in the order of their ids."""

from enum import IntEnum

from django.db import connection


class Turn(IntEnum):
    """Our numbers among the database's advisory locks."""

    TEMPLATES = 7_301  # learning new patterns of messages; counting known ones shares it
    INCIDENTS = 7_302  # opening incidents: grouping and storms are decided from what is open
    EVALUATION = 7_310  # before INCIDENTS
    SERIES_NAMES = 7_311
    SAVED_VIEWS = 7_312  # names and numbers are bounded by what is there
    SNAPSHOTS = 7_320  # freezing records, against an erasure that takes them away


def take_turn(turn: Turn, environment_id: int, *, shared: bool = False) -> None:
    """Wait for it."""
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [turn.value, environment_id])
