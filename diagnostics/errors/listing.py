"""The list of an environment's errors: filtered, in order, page by page, from their own small tables.

How many people an error hit is the one thing that only records know: it is counted in the newest of them.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, F, Func, Q, QuerySet, TextField

from diagnostics.core import severity
from diagnostics.core.cursor import read_cursor, write_cursor
from diagnostics.errors.states import SHOWN, State, in_states, with_state
from diagnostics.models import Environment, ErrorGroup
from diagnostics.search.golden import floor
from diagnostics.search.page import SearchTooSlowError, search_limits
from diagnostics.search.patterns import Span, fetch
from diagnostics.search.rows import SIZE, read_pages

HOUR: Final = timedelta(hours=1)
NAMES: Final = 200  # services and releases to choose from
LOOKED_AT: Final = 20_000  # newest records of errors in which people are counted
SECONDS: Final = 1.0  # for that
SORTS: Final = {"last": "-last_seen", "first": "-first_seen", "count": ""}
COUNTS: Final = """
SELECT error_id, sum(CASE WHEN hour >= %(whole)s AND hour + interval '1 hour' <= %(until)s THEN total ELSE (
    SELECT sum(records) FROM unnest(minutes[
        CASE WHEN hour >= %(whole)s THEN 1 ELSE %(place)s END
        : CASE WHEN hour + interval '1 hour' <= %(until)s THEN 60 ELSE %(last)s END
    ]) AS minute (records)) END)
FROM diagnostics_error_hour
WHERE environment_id = %(environment)s AND hour >= %(first)s AND hour < %(until)s
GROUP BY 1
"""
BY_HOUR: Final = """
SELECT error_id, date_bin(%(step)s::interval, hour, 'epoch'), sum(total)
FROM diagnostics_error_hour
WHERE error_id = ANY(%(errors)s) AND hour >= %(since)s AND hour < %(until)s
GROUP BY 1, 2
"""
BY_MINUTE: Final = """
SELECT error_id, date_bin(%(step)s::interval, hour + (place - 1) * interval '1 minute', 'epoch'), sum(records)
FROM diagnostics_error_hour, unnest(minutes) WITH ORDINALITY AS minute (records, place)
WHERE error_id = ANY(%(errors)s) AND hour > %(since)s - interval '1 hour' AND hour < %(until)s AND records > 0
GROUP BY 1, 2
"""
PEOPLE: Final = f"""
SELECT fingerprint, count(*), count(DISTINCT nullif(user_key, '')) FROM (
    SELECT fingerprint, user_key FROM diagnostics_log
    WHERE environment_id = %s AND "timestamp" >= %s AND "timestamp" < %s AND severity_number >= {severity.ERROR}
    ORDER BY "timestamp" DESC LIMIT {LOOKED_AT}
) AS newest
WHERE fingerprint = ANY(%s) GROUP BY 1
"""  # noqa: S608  numbers of ours


@dataclass(slots=True)
class Listed:
    """A row of the list. `users` is at least so many where `is_more`; None where it is not known."""

    error: ErrorGroup
    state: State
    counts: list[int] = field(default_factory=list)
    users: int | None = None
    is_more: bool = False

    @property
    def records(self) -> int:
        """In the time shown."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is cut to."""

    state: str = "open"
    service: str = ""
    release: str = ""
    words: str = ""
    ended: bool = False  # the time is over: what came later does not bring an error into it
    first_release: str = ""  # that it was first seen with
    whose: int | None = None  # the person who has it; 0: nobody

    def narrow(self, rows: "QuerySet[ErrorGroup]") -> "QuerySet[ErrorGroup]":
        """By all but the state."""
        if self.service:
            rows = rows.filter(service_name=self.service)
        if self.release:
            rows = rows.filter(releases__contains=[self.release])
        if self.first_release:
            rows = rows.filter(first_release=self.first_release)
        if self.whose is not None:
            rows = rows.filter(assigned_to=self.whose or None)
        for word in self.words.split():
            said = Q(title__icontains=word) | Q(error_type__icontains=word) | Q(service_name__icontains=word)
            rows = rows.filter(said | Q(fingerprint=word))
        return rows


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list, and how many there are of each kind."""

    rows: list[Listed]
    next_cursor: str
    tabs: dict[str, int]


def seen_since(environment: Environment, since: datetime) -> "QuerySet[ErrorGroup]":
    """Errors of an environment that came since then."""
    return ErrorGroup.objects.filter(environment=environment, last_seen__gte=since)


def read_listing(
    environment: Environment, span: Span, wanted: Wanted, sort: str, cursor: str, now: datetime
) -> Listing:
    """A page; ValueError for a bad cursor."""
    rows = wanted.narrow(seen_since(environment, span.times[0]))
    if wanted.ended:
        with search_limits():
            counts = read_counts(environment, span.times[0], span.until)
        rows = rows.filter(pk__in=[pk for pk, records in counts.items() if records])
    found = in_states(rows, wanted.state, now)
    if SORTS[sort]:
        page = read_pages(found, SORTS[sort], cursor)
        errors, following = page.rows, page.next_cursor
    else:
        errors, following = most_frequent(environment, span, found, cursor)
    listed = [Listed(error, State(error.standing)) for error in errors]
    fill_counts(span, listed)
    count_people(environment, span.times[0], span.until if wanted.ended else span.until + HOUR, listed)
    return Listing(listed, following, count_states(rows, now))


def count_states(rows: "QuerySet[ErrorGroup]", now: datetime) -> dict[str, int]:
    """How many rows each list has."""
    counts = dict(with_state(rows, now).order_by().values_list("standing").annotate(found=Count("pk")))
    return {shown: sum(counts.get(state.value, 0) for state in states) for shown, states in SHOWN.items()}


def most_frequent(environment: Environment, span: Span, rows: "QuerySet[Any]", cursor: str) -> tuple[list[Any], str]:
    """A page by the number of records in the time shown, and the next one's cursor."""
    with search_limits():
        counts = read_counts(environment, span.times[0], span.until)
    ranked = sorted(((counts.get(pk, 0), pk) for pk in rows.values_list("pk", flat=True)), reverse=True)
    if cursor:
        count, pk = read_cursor(cursor, int, int)
        ranked = [each for each in ranked if each < (count, pk)]
    page = ranked[:SIZE]
    found = {error.pk: error for error in rows.filter(pk__in=[pk for _, pk in page])}
    more = len(ranked) > SIZE
    return [found[pk] for _, pk in page if pk in found], write_cursor(*page[-1]) if more else ""


def read_counts(environment: Environment, since: datetime, until: datetime) -> dict[int, int]:
    """Records of each error of the environment in [since, until), to the minute."""
    first = floor(since, HOUR)
    parameters = {
        "environment": environment.pk, "first": first, "until": until, "whole": first if first == since else first + HOUR,
        "place": since.minute + 1, "last": until.minute + (until.second > 0),
    }  # fmt: skip
    return {pk: int(records or 0) for pk, records in fetch(COUNTS, parameters)}


def read_series(span: Span, errors: Collection[int]) -> dict[int, list[int]]:
    """Records of some errors in each step."""
    place = {moment: number for number, moment in enumerate(span.times)}
    series = {number: [0] * len(span.times) for number in errors}
    if errors:
        parameters = {"step": span.step, "errors": list(errors), "since": span.times[0], "until": span.until}
        for number, bucket, records in fetch(BY_HOUR if span.step >= HOUR else BY_MINUTE, parameters):
            if bucket in place:
                series[number][place[bucket]] += int(records)
    return series


def fill_counts(span: Span, listed: Collection[Listed]) -> None:
    """Fill in the counts of the errors that are shown."""
    series = read_series(span, [row.error.pk for row in listed])
    for row in listed:
        row.counts = series[row.error.pk]


def count_people(environment: Environment, since: datetime, until: datetime, listed: Collection[Listed]) -> None:
    """Fill in whom the errors that are shown hit, as far as the newest records tell in a short time."""
    if not listed:
        return
    try:
        with search_limits(SECONDS):
            found = fetch(PEOPLE, [environment.pk, since, until, [row.error.fingerprint for row in listed]])
    except SearchTooSlowError:
        return
    seen = {fingerprint: (records, users) for fingerprint, records, users in found}
    for row in listed:
        records, row.users = seen.get(row.error.fingerprint, (0, 0))
        row.is_more = records < row.records


def services_of(rows: "QuerySet[ErrorGroup]") -> list[str]:
    """Services to choose from."""
    return sorted(rows.exclude(service_name="").order_by().values_list("service_name", flat=True).distinct()[:NAMES])


def releases_of(rows: "QuerySet[ErrorGroup]") -> list[str]:
    """Releases to choose from, in reverse order of their names: versions grow."""
    each = Func(F("releases"), function="unnest", output_field=TextField())
    names = rows.order_by().annotate(name=each).values_list("name", flat=True).distinct()[:NAMES]
    return sorted(names, reverse=True)
