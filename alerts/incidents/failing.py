"""What failed in a window: the records and the traces behind an alert about requests. The cause of a failed request often
stands with another service of its trace."""

from collections import Counter
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
MOST_SPANS: Final = 5_000  # of them
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
    spans = within(scope, Span.objects.filter(kind=SERVER)).filter(failed_in(scope)).order_by("-timestamp")
    return list(dict.fromkeys(spans.values_list("trace_id", flat=True)[:TRACES]))


def failed_in(scope: Scope) -> Q:
    """Which spans failed in that way."""
    counted = COUNTED[scope.rule.signal]
    return counted | Q(status_code=FAILED) if scope.rule.signal == Signal.FAILURES else counted


def origins_of(scope: Scope, traces: Sequence[UUID]) -> list[str]:
    """Services in which the failures of these traces began, the most frequent first: those of failed spans below which none
    failed. Who called them failed, too."""
    spans = Span.objects.filter(environment_id=scope.rule.environment_id, trace_id__in=traces)
    rows = spans.filter(failed_in(scope) | Q(status_code=FAILED)).values_list(
        "trace_id", "span_id", "parent_span_id", "service_name"
    )[:MOST_SPANS]  # fmt: skip
    found = list(rows)
    callers = {(trace, parent) for trace, _, parent, _ in found}
    began = Counter(service for trace, span, _, service in found if (trace, span) not in callers)
    return [service for service, _ in began.most_common()]


def failing_records(scope: Scope, traces: Sequence[UUID], origins: Sequence[str], most: int) -> list[LogRecord]:
    """Bad records of these traces, of the services in which they failed first, else of any; where there are none, those of
    requests that failed. The newest first."""
    rows = LogRecord.objects.filter(environment_id=scope.rule.environment_id)
    bad = rows.filter(timestamp__gte=scope.since, timestamp__lte=scope.last, severity_number__gte=severity.ERROR)
    told = bad.filter(trace_id__in=traces) if traces else bad.none()
    found = newest_of(told.filter(service_name__in=origins), most) or newest_of(told, most)
    return found or newest_of(within(scope, rows).filter(COUNTED[scope.rule.signal]), most)


def newest_of(rows: "QuerySet[LogRecord]", most: int) -> list[LogRecord]:
    """The newest of them."""
    return list(rows.order_by(*LogRecord.NEWEST_FIRST)[:most])
