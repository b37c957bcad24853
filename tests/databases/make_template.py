"""Migrate, make the partitions of these days, and only then give the database its name."""

import django
from django.core.management import call_command
from django.db import connection, connections

from diagnostics.storage.partitions import ensure_partitions
from tests.databases.template import NAME, UNFINISHED, administer


def make_template() -> None:
    """The database is the one that settings name."""
    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)
    ensure_partitions()
    connections.close_all()
    connection.close_pool()
    administer(f"ALTER DATABASE {UNFINISHED} RENAME TO {NAME}")


if __name__ == "__main__":
    make_template()
