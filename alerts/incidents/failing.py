"""What failed in a window: the records and the traces behind an alert about requests. The cause of a failed request often
stands with another service of its trace."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from alerts.incidents.scope import Scope, within
from alerts.models import AlertRule
from diagnostics.core import severity
from diagnostics.models import LogRecord, Span

Signal = AlertRule.Signal

TRACES: Final = 20  # the newest that failed
SERVER: Final = 2
FAILED: Final = 2  # OpenTelemetry's status of a span
IS_TIMEOUT: Final = (
    Q(http_status__in=(408, 504)) | Q(error_type__icontains="timeout") | Q(error_type__icontains="deadline")
)
# As the pipeline counts them; see diagnostics.pipeline.summarise.
COUNTED: Final[dict[str, Q]] = {
    Signal.STATUS_5XX: Q(http_status__gte=500),
    Signal.STATUS_4XX: Q(http_status__gte=400, http_status__lt=500),
    Signal.TIMEOUTS: IS_TIMEOUT,
    Signal.FAILURES: Q(http_status__gte=500),
}


def failing_traces(scope: Scope) -> list[UUID]:
    """Traces of the newest requests that failed in the way that the rule counts, each once."""
    failed = COUNTED[scope.rule.signal]
    if scope.rule.signal == Signal.FAILURES:
        failed |= Q(status_code=FAILED)
    spans = within(scope, Span.objects.filter(kind=SERVER)).filter(failed).order_by("-timestamp")
    return list(dict.fromkeys(spans.values_list("trace_id", flat=True)[:TRACES]))


def failing_records(scope: Scope, traces: Sequence[UUID], most: int) -> list[LogRecord]:
    """Bad records of these traces, whichever service wrote them; where there are none, those of requests that failed. The
    newest first."""
    rows = LogRecord.objects.filter(environment_id=scope.rule.environment_id)
    in_time = rows.filter(timestamp__gte=scope.since, timestamp__lte=scope.last)
    told = newest_of(in_time.filter(trace_id__in=traces, severity_number__gte=severity.ERROR), most) if traces else []
    return told or newest_of(within(scope, rows).filter(COUNTED[scope.rule.signal]), most)


def newest_of(rows: "QuerySet[LogRecord]", most: int) -> list[LogRecord]:
    """The newest of them."""
    return list(rows.order_by(*LogRecord.NEWEST_FIRST)[:most])
