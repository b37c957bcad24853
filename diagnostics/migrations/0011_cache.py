"""The table of the cache that all processes share, as `createcachetable` would make it."""

from django.db import migrations

MAKE = """
CREATE TABLE IF NOT EXISTS diagnostics_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS diagnostics_cache_expires ON diagnostics_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("diagnostics", "0010_session_parts")]

    operations = [migrations.RunSQL(MAKE, "DROP TABLE IF EXISTS diagnostics_cache")]
