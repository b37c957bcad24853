"""Log files: lines of the usual formats as plain JSON records, for `manage.py import_logs`."""
