"""The records of an environment that a search finds."""

from django.db.models import QuerySet

from diagnostics.models import Environment, LogRecord
from diagnostics.privacy.pseudonyms import keys_of
from diagnostics.search.filters import LogFilters, filter_logs
from diagnostics.search.people import resolve_user


def find_logs(environment: Environment, filters: LogFilters) -> "QuerySet[LogRecord]":
    """All of them, people by their pseudonyms. The caller has checked the environment, and bounds what is read."""
    rows = LogRecord.objects.filter(environment_id=environment.pk)
    return filter_logs(rows, resolve_user(filters, keys_of(environment)))
