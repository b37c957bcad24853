"""Who is affected until now, or was until its end: counted anew, as what an incident keeps of its beginning says nothing of
the hours that follow. Bounded in records and in time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from alerts.incidents.search import search_of, time_of, what_it_counts
from alerts.models import Incident
from diagnostics.core import clock
from diagnostics.models import LogRecord
from diagnostics.search.filters import LogFilters, filter_logs
from diagnostics.search.page import SearchTooSlowError, search_limits

MOST: Final = 10_000  # the newest records that are looked at
SECONDS: Final = 1.0  # the page is opened in a hurry


@dataclass(frozen=True, slots=True)
class Affected:
    """How many in how many records, or why it is not known. `is_cut`: there are more records. `until`: None while it lasts."""

    users: int = 0
    sessions: int = 0
    records: int = 0
    is_cut: bool = False
    problem: str = ""
    since: datetime | None = None
    until: datetime | None = None


def count_affected(incident: Incident) -> Affected | None:
    """None where there is nothing to count: its search finds all records, bad or not, or the first of them are gone."""
    since, until = time_of(incident)
    kept = timedelta(days=incident.environment.retention_days)
    is_whole = incident.is_open or since > clock.now() - kept
    if incident.kind != Incident.Kind.ALERT or not is_whole or not what_it_counts(incident):
        return None
    try:
        rows = filter_logs(
            LogRecord.objects.filter(environment_id=incident.environment_id),
            LogFilters.from_params(search_of(incident)),
        )
        newest = rows.order_by(*LogRecord.NEWEST_FIRST).values("user_key", "session_id")[: MOST + 1]
        with search_limits(SECONDS):
            return replace(count(newest), since=since, until=until)
    except (ValueError, SearchTooSlowError):
        return Affected(problem="There are too many records to count them here.")


def count(newest: "QuerySet[LogRecord, Any]") -> Affected:
    """Distinct people and sessions; records of neither count as records alone."""
    found = newest.aggregate(
        users=Count("user_key", distinct=True, filter=~Q(user_key="")),
        sessions=Count("session_id", distinct=True, filter=~Q(session_id="")),
        records=Count("*"),
    )
    records = min(found["records"], MOST)
    return Affected(found["users"], found["sessions"], records, is_cut=found["records"] > MOST)
