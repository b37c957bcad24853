"""The index of journeys is built beside running ingest, also by a second run after one that was broken off."""

from datetime import date
from importlib import import_module

import pytest
from django.db import connection

from diagnostics.storage.partitions import make_partition, partition_name

migration = import_module("diagnostics.migrations.0018_records_of_a_journey")
DAY = date(2031, 1, 31)
STATE = """
SELECT bool_and(indisvalid), count(*) FROM pg_index WHERE indexrelid IN (
    SELECT relid FROM pg_partition_tree(to_regclass('log_journey'))
)
"""


def run(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchone() if cursor.description else None


def build():
    with connection.schema_editor(atomic=False) as editor:
        migration.build(None, editor)


@pytest.fixture
def partition(transactional_db):
    name = partition_name("diagnostics_log", DAY)
    make_partition("diagnostics_log", DAY)
    yield name
    run(f"DROP TABLE {name}")


def test_it_is_built_whole_and_a_second_run_changes_nothing(partition):
    run("DROP INDEX log_journey")
    build()
    valid, parts = run(STATE)
    assert valid
    assert parts >= 3  # the whole, the default partition, the day's
    build()
    assert run(STATE) == (True, parts)


def test_a_run_that_was_broken_off_goes_on_where_it_ended(partition):
    run("DROP INDEX log_journey")
    run(
        f"CREATE INDEX log_journey ON ONLY diagnostics_log {migration.COLUMNS}",
        f"CREATE INDEX {partition}_journey ON {partition} {migration.COLUMNS}",
        f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{partition}_journey'::regclass",
    )
    build()
    assert run(STATE)[0]
    run("DROP INDEX log_journey")
    build()


def test_partitions_of_later_days_have_it(partition):
    found = run(f"SELECT count(*) FROM pg_indexes WHERE tablename = '{partition}' AND indexdef LIKE '%(journey_id,%'")
    assert found == (1,)
