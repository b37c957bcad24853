"""The records and spans of one journey, by time. Built partition by partition beside running ingest, which a single statement
would keep waiting; a run that was broken off goes on where it ended."""

from django.db import migrations

INDEXES = {"diagnostics_log": "log_journey", "diagnostics_span": "span_journey"}
COLUMNS = """(journey_id, "timestamp") WHERE journey_id <> ''"""
PARTITIONS = """
SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid WHERE inhparent = %s::regclass
"""
BROKEN_OFF = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid"
ATTACHED = """
SELECT 1 FROM pg_inherits JOIN pg_index ON indexrelid = inhrelid
WHERE inhparent = %s::regclass AND indrelid = %s::regclass
"""


def build(apps, editor):
    """The index of the whole becomes valid with the last partition's; partitions made meanwhile have theirs at once."""
    with editor.connection.cursor() as cursor:
        for table, name in INDEXES.items():
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON ONLY {table} {COLUMNS}")
            cursor.execute(PARTITIONS, [table])
            for (partition,) in cursor.fetchall():
                build_one(cursor, name, partition)


def build_one(cursor, name, partition):
    """One partition's, without locking out who writes."""
    cursor.execute(ATTACHED, [name, partition])
    if cursor.fetchone():
        return
    own = f"{partition}_journey"
    cursor.execute(BROKEN_OFF, [own])
    if cursor.fetchone():
        cursor.execute(f"DROP INDEX CONCURRENTLY {own}")
    cursor.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {own} ON {partition} {COLUMNS}")
    cursor.execute(f"ALTER INDEX {name} ATTACH PARTITION {own}")


def drop(apps, editor):
    """All of them."""
    for name in INDEXES.values():
        editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    atomic = False
    dependencies = (("diagnostics", "0017_journeys"),)

    operations = (migrations.RunPython(build, drop),)
