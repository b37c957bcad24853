"""Sessions of batches that wait for their digest become short rows in a text: neither parsed nor compressed on the way."""

from django.db import migrations, models

CONVERT = """
ALTER TABLE diagnostics_ingest_batch ADD COLUMN parts text NOT NULL DEFAULT '';
UPDATE diagnostics_ingest_batch SET parts = (
    SELECT coalesce(jsonb_agg(jsonb_build_array(
        part->'session_id', part->'user_key', part->'first_us', part->'last_us', part->'records', part->'spans',
        part->'warnings', part->'errors', part->'crashed', part->'services', part->'release', part->'geo_country',
        part->'geo_region', part->'device_type', part->'browser', part->'os'
    ))::text, '') FROM jsonb_array_elements(sessions) AS part
) WHERE digested_at IS NULL;
ALTER TABLE diagnostics_ingest_batch DROP COLUMN sessions;
ALTER TABLE diagnostics_ingest_batch RENAME COLUMN parts TO sessions;
ALTER TABLE diagnostics_ingest_batch ALTER COLUMN sessions DROP DEFAULT, ALTER COLUMN sessions SET STORAGE EXTERNAL;
"""


class Migration(migrations.Migration):
    dependencies = [("diagnostics", "0009_series_names")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(CONVERT)],
            [migrations.AlterField("ingestbatch", "sessions", models.TextField(default=""))],
        )
    ]
