"""One opening at a time in an environment: grouping and storms are decided from what is open, and must not race."""

from django.db import connection

SPACE = 7_302  # our part of PostgreSQL's advisory locks; evaluation takes 7_301 before


def lock_environment(environment_id: int) -> None:
    """Until the end of the transaction; taking it twice is fine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SPACE, environment_id])
