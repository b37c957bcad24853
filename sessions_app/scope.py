"""What a timeline is of: the rows of one session, person, journey, trace or request, within a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from diagnostics.models import LogRecord, Span
from sessions_app.models import Journey, LogSession

SLACK: Final = timedelta(hours=1)  # clocks of one session's senders differ; partitions outside are not read
COLUMNS: Final = {
    "session": "session_id", "user": "user_key", "journey": "journey_id", "trace": "trace_id", "request": "request_id",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """Rows of one environment whose column `COLUMNS[kind]` holds one of `values`, from `since` to `until`.

    `began` is where the clock of the timeline starts: offsets before it are negative.
    """

    environment_id: int
    kind: str
    values: tuple[Any, ...]
    since: datetime
    until: datetime
    began: datetime

    @property
    def rows(self) -> Q:
        """The condition, for records and spans alike."""
        return Q(
            environment_id=self.environment_id,
            timestamp__gte=self.since,
            timestamp__lte=self.until,
            **{f"{COLUMNS[self.kind]}__in": self.values},
        )

    @property
    def lane_column(self) -> str:
        """What tells the lanes apart: services; of a person, their sessions."""
        return "session_id" if self.kind == "user" else "service_name"


def scope_of_session(session: LogSession) -> Scope:
    """A session in its own time only."""
    began, ended = session.started_at, session.last_seen_at
    return Scope(session.environment_id, "session", (session.session_id,), began - SLACK, ended + SLACK, began)


def scope_of_journey(journey: Journey) -> Scope:
    """A journey in its own time only."""
    began, ended = journey.started_at, journey.last_seen_at
    return Scope(journey.environment_id, "journey", (journey.journey_id,), began - SLACK, ended + SLACK, began)


def scope_from(
    environment_id: int, kind: str, values: tuple[Any, ...], since: datetime, until: datetime, *, with_spans: bool
) -> Scope:
    """A scope whose clock starts with its first record, or span where these are shown."""
    scope = Scope(environment_id, kind, values, since, until, since)
    rows = LogRecord.objects.filter(scope.rows).order_by(*LogRecord.ORDER)
    firsts = [rows.values_list("timestamp", flat=True).first()]
    if with_spans:
        spans = Span.objects.filter(scope.rows).order_by("timestamp")
        firsts.append(spans.values_list("timestamp", flat=True).first())
    began = min((moment for moment in firsts if moment is not None), default=since)
    return Scope(environment_id, kind, values, since, until, began)
