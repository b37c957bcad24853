"""What incidents show: errors, and answers with a status of the server's failing, by time. It takes the place of the index
on errors alone, whose searches it serves as well."""

from django.db import migrations

BAD = """
CREATE INDEX log_bad ON diagnostics_log (environment_id, "timestamp") WHERE severity_number >= 17 OR http_status >= 500;
DROP INDEX log_severity;
"""
ERRORS = """
CREATE INDEX log_severity ON diagnostics_log (environment_id, "timestamp") WHERE severity_number >= 17;
DROP INDEX log_bad;
"""


class Migration(migrations.Migration):
    dependencies = (("diagnostics", "0013_when_errors_were_news"),)

    operations = (migrations.RunSQL(BAD, ERRORS),)
