"""Where the records behind an alert are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import QuerySet

from alerts.models import AlertRule
from diagnostics.models import LogRecord, Span

Row = TypeVar("Row", LogRecord, Span)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the records behind an alert are: a rule's series in a window. `fingerprints`, `templates`: only these."""

    rule: AlertRule
    service_name: str
    http_route: str
    since: datetime
    until: datetime
    fingerprints: tuple[str, ...] = ()
    templates: tuple[int, ...] = ()
    began: datetime | None = None  # where that is known: what has changed since did not bring it

    @property
    def last(self) -> datetime:
        """Until when records are looked at: the window's last minute may not be over."""
        return self.until + timedelta(minutes=1)


def within(scope: Scope, rows: "QuerySet[Row]") -> "QuerySet[Row]":
    """`rows`, records or spans, of the series in the window."""
    rows = rows.filter(environment_id=scope.rule.environment_id, timestamp__gte=scope.since, timestamp__lte=scope.last)
    if scope.service_name:
        rows = rows.filter(service_name=scope.service_name)
    if scope.http_route:
        rows = rows.filter(http_route=scope.http_route)
    return rows
