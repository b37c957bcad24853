"""One error on one page: what it is, where it stands, whom it hit, where it comes from, and each of its records."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from diagnostics.charts import Chart, Line, Marker, draw_bars
from diagnostics.core import clock
from diagnostics.core.access import people_with
from diagnostics.core.options import plugins
from diagnostics.core.permissions import Perm
from diagnostics.core.reference import read_reference
from diagnostics.errors.occurrences import (
    Minutes,
    Parts,
    beside,
    last_record,
    newest_records,
    place_of,
    read_minutes,
    read_parts,
    records_of,
    series_of,
)
from diagnostics.errors.states import State, is_ignored, state_of
from diagnostics.errors.words import headline_of
from diagnostics.models import Environment, ErrorGroup, Event, LogRecord, Template
from diagnostics.search.filters import RANGES
from diagnostics.search.page import SearchTooSlowError
from diagnostics.search.patterns import Span, span_of
from diagnostics.search.ranges import TimeRange
from diagnostics.search.record import record_at
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.errors import DEFAULT_RANGE, LENGTHS
from diagnostics.views.held import held_here
from diagnostics.views.record import columns_of, late_by
from diagnostics.views.times import offer_times, time_or_default

LISTED: Final = 8  # sessions, traces
PATTERNS: Final = 3
CHANGES: Final = 20
SHORTEST: Final = timedelta(hours=1)  # chosen where the address names no time
BROUGHT: Final = timedelta(minutes=30)  # an error that began so soon after a deploy is named with it
FILTERED: Final = frozenset({"release", "browser"})  # kinds whose values the search of records takes as they stand


@dataclass(slots=True)
class Shown:
    """What the page shows of an error's records."""

    parts: Parts = field(default_factory=Parts)
    newest: list[LogRecord] = field(default_factory=list)
    record: LogRecord | None = None
    place: int = 0  # among those of the time shown; 0 where it is not one of them
    older: LogRecord | None = None
    newer: LogRecord | None = None
    problem: str = ""


@environment_page(Perm.VIEW_LOGS)
def error(request: PageRequest, fingerprint: str) -> HttpResponse:
    """The page; the time and the record that it shows are in its address."""
    environment, now = request.environment, clock.now()
    found = find_error(environment, fingerprint)
    time, wrong = chosen_time(request, found, now)
    span = span_of(time.since, time.until)
    minutes = read_minutes(found, span.times[0], time.until)
    shown = read_shown(found, minutes, request.GET.get("at", ""))
    changes = read_changes(found, span.times[0], time.end)
    held = held_here(request, environment)
    state = state_of(found, now)
    context: dict[str, Any] = {
        "page": "errors",
        "error": found,
        "state": state,
        "is_open": state not in (State.RESOLVED, State.IGNORED),
        "is_ignored": is_ignored(found, now),
        "times": offer_times(time, {}, DEFAULT_RANGE, now),
        "wrong": wrong,
        "heading_line": heading_of(found, shown),
        "records": minutes.total,
        "chart": draw_counts(found, minutes, span, changes),
        "changes": changes,
        "brought_by": deploy_before(found),
        "shown": shown,
        "record": shown.record,
        "columns": columns_of(shown.record) if shown.record else [],
        "late_by": late_by(shown.record) if shown.record else None,
        "bars": link_bars(found, shown.parts, time),
        "sessions": first_of_each(shown.newest, "session_id") if Perm.VIEW_SESSIONS in held else [],
        "traces": first_of_each(shown.newest, "trace_id") if Perm.VIEW_TRACES in held else [],
        "patterns": patterns_of(found, shown.newest),
        "may_decide": Perm.RESPOND_INCIDENTS in held,
        "people": people_with(environment, Perm.RESPOND_INCIDENTS) if Perm.RESPOND_INCIDENTS in held else [],
        "may_reveal": bool(held & {Perm.VIEW_STACK_TRACES, Perm.VIEW_RESTRICTED}),
        "lengths": LENGTHS,
        "logs_query": search_of(found, time),
    }
    for contribute in plugins("ERROR_PAGE"):  # (request, error) -> context
        context |= contribute(request, found)
    return render(request, "diagnostics/error.html", context)


def chosen_time(request: PageRequest, found: ErrorGroup, now: datetime) -> tuple[TimeRange, str]:
    """The time that the address names, and what is wrong with it; else the shortest that holds all of the error, at least
    an hour and at most a day, and the record that the address names."""
    place = read_reference(request.GET.get("at", ""))
    wanted = min(max(now - found.first_seen, SHORTEST), RANGES[DEFAULT_RANGE])
    if place:
        wanted = max(wanted, now - place.timestamp)
    name = next((name for name, length in RANGES.items() if length >= wanted), [*RANGES][-1])
    return time_or_default(request.GET.dict(), name, now)


def find_error(environment: Environment, fingerprint: str) -> ErrorGroup:
    """The error at an address; the caller has checked the environment."""
    rows = ErrorGroup.objects.filter(environment=environment).select_related("decided_by", "assigned_to")
    found = rows.filter(fingerprint=fingerprint).first() if fingerprint.isprintable() else None
    if found is None:
        raise Http404("This error is not known, or it was not seen for so long that it is forgotten.")
    found.environment = environment
    return found


def read_shown(found: ErrorGroup, minutes: Minutes, at: str) -> Shown:
    """Its records, as far as there is time to look for them."""
    shown = Shown()
    try:
        shown.newest = newest_records(found, minutes)
        shown.record = record_at(records_of(found), at) or next(iter(shown.newest), None) or last_record(found)
        if shown.record is not None and minutes.numbers:
            place_among(found, minutes, shown)
        shown.parts = read_parts(found, minutes)
    except SearchTooSlowError:
        shown.problem = "There are too many records to look through all of them here. Choose a shorter time."
    return shown


def heading_of(found: ErrorGroup, shown: Shown) -> str:
    """Its type, and the reason that its newest record gives, else its words."""
    newest = next(iter(shown.newest), shown.record)
    return (newest and headline_of(newest)) or ": ".join(filter(None, (found.error_type, found.title))) or str(found)


def place_among(found: ErrorGroup, minutes: Minutes, shown: Shown) -> None:
    """Which one it is of those in the time shown, and what stands beside it."""
    if shown.record is None:
        return
    shown.older = beside(found, shown.record, minutes, newer=False)
    shown.newer = beside(found, shown.record, minutes, newer=True)
    place = place_of(found, shown.record, minutes)
    shown.place = place if place <= minutes.total else 0


def read_changes(found: ErrorGroup, since: datetime, until: datetime | None) -> list[Event]:
    """Deploys and other changes of its service, or of everything, in the time shown, the newest first."""
    events = Event.objects.filter(environment=found.environment_id, service_name__in=("", found.service_name[:200]))
    return list(events.changes().between(since, until)[:CHANGES])


def deploy_before(found: ErrorGroup) -> tuple[Event, timedelta] | None:
    """The deploy of its service shortly before it was first seen, and how long before."""
    if not found.service_name:
        return None
    events = Event.objects.filter(
        environment=found.environment_id, kind=Event.Kind.DEPLOY, service_name=found.service_name[:200]
    )
    times = {"timestamp__gte": found.first_seen - BROUGHT, "timestamp__lte": found.first_seen}
    event = events.changes().filter(**times).order_by("-timestamp").first()
    return (event, found.first_seen - event.timestamp) if event else None


def draw_counts(found: ErrorGroup, minutes: Minutes, span: Span, changes: list[Event]) -> Chart:
    """Bars that lead to their records."""
    page, fingerprint = reverse("logs", args=[found.environment.slug]), {"fingerprint": found.fingerprint}
    urls = [
        f"{page}?{urlencode({**fingerprint, 'since': at.isoformat(), 'until': (at + span.step).isoformat()})}"
        for at in span.times
    ]
    markers = [Marker(event.timestamp, event.title) for event in changes]
    lines = [Line("records", series_of(minutes, span), "tone-bad")]
    return draw_bars(
        "Records", span.times, span.step, lines, markers=markers, urls=urls, size="is-tall", now=span.until
    )


def search_of(found: ErrorGroup, time: TimeRange, **more: str) -> str:
    """The search of its records, as an address has it."""
    return urlencode({"fingerprint": found.fingerprint, **time.params(), **more})


def link_bars(found: ErrorGroup, parts: Parts, time: TimeRange) -> list[dict[str, Any]]:
    """Where it comes from, with the way to the records of each value where a search can find them."""
    return [
        {
            "label": label,
            "bars": [(bar, search_of(found, time, **{kind: bar.value}) if kind in FILTERED else "") for bar in values],
            "more": more,
        }
        for kind, label, values, more in parts.bars
    ]


def first_of_each(newest: list[LogRecord], name: str) -> list[LogRecord]:
    """The newest record of each session or trace."""
    found: dict[Any, LogRecord] = {}
    for record in newest:
        if getattr(record, name):
            found.setdefault(getattr(record, name), record)
    return list(found.values())[:LISTED]


def patterns_of(found: ErrorGroup, newest: list[LogRecord]) -> list[Template]:
    """The message patterns of its records, under the ids that they have by now."""
    numbers = {record.template_id for record in newest if record.template_id}
    rows = Template.objects.filter(environment=found.environment_id)
    joined = set(rows.filter(template_id__in=numbers).exclude(merged_into=None).values_list("merged_into", flat=True))
    live = rows.filter(template_id__in=numbers | joined, merged_into=None).exclude(text="")
    return list(live.order_by("-records", "template_id")[:PATTERNS])
