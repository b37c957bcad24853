"""The records that a rule has matched, for the incident that shows them. Deciding never reads any."""

from typing import TYPE_CHECKING, Final

from django.db.models import Q

from alerts.evaluation.matching import Watched, watch
from alerts.models import AlertRule
from diagnostics.models import LogRecord
from diagnostics.search.filters import LogFilters, filter_logs

if TYPE_CHECKING:
    from django.db.models import QuerySet

READ: Final = 1_000  # of the newest that the query line finds; the pattern is asked of these


def matched_records(rule: AlertRule, rows: "QuerySet[LogRecord]", most: int) -> list[LogRecord]:
    """The newest of these records that the rule counts, its words in their text alone, as when they came in. The
    database never sees the pattern: RE2 alone runs it."""
    watched: Watched | None = watch(rule.pk, rule.service_name, rule.query, rule.pattern)
    if watched is None:
        return []
    rows = filter_logs(rows, LogFilters.from_query(watched.query), in_body)
    newest = rows.order_by(*LogRecord.NEWEST_FIRST)[:READ]
    return [record for record in newest if watched.finds(record.body)][:most]


def in_body(text: str) -> Q:
    """The condition of one word or phrase."""
    return Q(body__icontains=text)
