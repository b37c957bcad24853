"""One release of one service on one page: since when, how it does against the last good one before it, what it brought."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from diagnostics.charts import Chart, Line, Marker, draw_lines
from diagnostics.core import clock
from diagnostics.core.options import plugins
from diagnostics.core.permissions import Perm
from diagnostics.errors.states import State, with_state
from diagnostics.models import Environment, ErrorGroup, Event
from diagnostics.releases.arrivals import Arrival, find_arrival
from diagnostics.releases.listing import Release, read_releases
from diagnostics.releases.presence import presence_of, read_shares
from diagnostics.releases.sums import DAY, ByRelease, read_steps
from diagnostics.search.golden import Sums, floor, step_for
from diagnostics.search.page import SearchTooSlowError, search_limits
from diagnostics.search.ranges import TimeRange, read_range
from diagnostics.templatetags.shell import visible
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.held import held_here
from diagnostics.views.releases import read_name
from diagnostics.views.times import TIME_NAMES, offer_times

DEFAULT_RANGE: Final = "24h"
LEAST_BEFORE: Final = timedelta(minutes=30)  # of the time before it that is drawn
LONGEST_CHART: Final = timedelta(days=8)
ERRORS: Final = 20
CHANGES: Final = 20
KEPT_BACK: Final = timedelta(days=30)  # how far back sessions and incidents of it are looked for


@dataclass(frozen=True, slots=True)
class Drawn:
    """The steps of the charts, and what is drawn in each."""

    times: list[datetime]
    step: timedelta
    steps: ByRelease


@environment_page(Perm.VIEW_LOGS)
def release(request: PageRequest) -> HttpResponse:
    """The page; service and release stand in its address as parameters."""
    environment, now = request.environment, clock.now()
    name = read_name(request, "release")
    if not name:
        return redirect("releases", environment.slug)
    arrival = find_arrival(environment, read_name(request, "service"), name)
    if arrival is None:
        raise Http404("This release is not known, or it was not heard of for so long that it is forgotten.")
    time, problem = chosen_time(request, arrival, now)
    begun = max(arrival.came or now - KEPT_BACK, now - KEPT_BACK)
    context: dict[str, Any] = {
        "page": "releases",
        "arrival": arrival,
        "times": offer_times(time, names_of(arrival), DEFAULT_RANGE, now),
        "is_plain": all(visible(name) == name for name in arrival.name),  # else no form can hold it
        "is_around": not any(request.GET.get(name) for name in TIME_NAMES),
        "is_first_day": arrival.came is not None and now - arrival.came < DAY,
        "since_it_came": urlencode({"since": begun.isoformat()}),
        "changes": read_changes(environment, arrival, time),
        "errors": read_errors(environment, arrival, now),
    }
    try:
        context["row"] = row = read_row(request, arrival, now)
        context["against"] = against = row.figures.against.release
        drawn = read_drawn(environment, arrival, time)
        context["charts"] = draw_charts(arrival, against, drawn, context["changes"], now)
    except SearchTooSlowError as error:
        problem = str(error)
    for contribute in plugins("RELEASE_PAGE"):  # (request, arrival, since, until) -> context
        context |= contribute(request, arrival, begun, now)
    context["error"] = problem
    return render(request, "diagnostics/release.html", context)


def names_of(arrival: Arrival) -> dict[str, str]:
    """As its address has them."""
    return {"service": arrival.service, "release": arrival.release}


def chosen_time(request: PageRequest, arrival: Arrival, now: datetime) -> tuple[TimeRange, str]:
    """The time that the address names, else around when it came; and what is wrong with the other."""
    around, problem = time_around(arrival, now), ""
    if not any(request.GET.get(name) for name in TIME_NAMES):
        return around, problem
    try:
        time = read_range(request.GET.dict(), DEFAULT_RANGE, now)
    except ValueError as error:
        return around, str(error)
    return time, problem


def time_around(arrival: Arrival, now: datetime) -> TimeRange:
    """Its first day and as long before it, at least half an hour: of one that has only come, not much."""
    if arrival.came is None:
        return TimeRange(now - DAY, now)
    until = max(min(arrival.came + DAY, now), arrival.came + timedelta(minutes=1))
    return TimeRange(arrival.came - max(until - arrival.came, LEAST_BEFORE), until, is_open=False)


def read_row(request: PageRequest, arrival: Arrival, now: datetime) -> Release:
    """Its figures and its verdict, of its first day; where it stands, of now."""
    environment = request.environment
    since = arrival.came or now - DAY
    until = max(min(since + DAY, now), since + timedelta(minutes=1))
    row = read_releases(environment, held_here(request, environment), [arrival], since, until)[0]
    with search_limits():
        shares = read_shares(environment, now, [arrival.service])
    row.share = shares.get(arrival.name, 0.0)
    row.presence = presence_of(arrival.name, shares, was_heard=row.is_heard)
    return row


def read_drawn(environment: Environment, arrival: Arrival, time: TimeRange) -> Drawn:
    """The service's steps; of a long time, its end."""
    since = max(time.since, time.until - LONGEST_CHART)
    step = step_for(time.until - since)
    start = floor(since, step)
    with search_limits():
        steps = read_steps(environment, start, time.until, step, [arrival.service])
    return Drawn([start + step * number for number in range(max(1, -(-(time.until - start) // step)))], step, steps)


def draw_charts(
    arrival: Arrival, against: str, drawn: Drawn, changes: list[Event], now: datetime
) -> list[tuple[str, Chart]]:
    """(title, chart) of each figure: this release against the one that it is compared with."""
    of = {arrival.release: "", **({against: "tone-before"} if against else {})}
    minutes = drawn.step / timedelta(minutes=1)
    markers = [Marker(event.timestamp, event.title) for event in changes]
    if arrival.came and not any(event.release == arrival.release for event in changes):
        markers.append(Marker(arrival.came, f"{arrival.release} came"))

    def draw(title: str, unit: str, value: Any) -> tuple[str, Chart]:
        lines = [
            Line(name, [value(sums) if sums else None for sums in series_of(arrival.service, name, drawn)], tone)
            for name, tone in reversed(of.items())
        ]
        return title, draw_lines(title, drawn.times, drawn.step, lines, unit=unit, markers=markers, now=now)

    return [
        draw("Failed requests", "%", lambda sums: sums.failure_share),
        draw("p95", "ms", lambda sums: sums.p95),
        draw("Requests a minute", "", lambda sums: sums.counts["requests"] / minutes),
        draw("Errors a minute", "", lambda sums: sums.counts["errors"] / minutes),
    ]


def series_of(service: str, release: str, drawn: Drawn) -> list[Sums | None]:
    """Step by step; None before it was first heard of and after the last time, nothing counted in between."""
    found = dict(drawn.steps.get((service, release), ()))
    first, last = min(found, default=None), max(found, default=None)
    if first is None or last is None:
        return [None] * len(drawn.times)
    return [found.get(moment, Sums()) if first <= moment <= last else None for moment in drawn.times]


def read_changes(environment: Environment, arrival: Arrival, time: TimeRange) -> list[Event]:
    """Deploys and other changes of its service, or of everything, in the time shown, the newest first."""
    events = Event.objects.filter(environment=environment, service_name__in=("", arrival.service))
    return list(events.changes().between(time.since, time.until)[:CHANGES])


def read_errors(environment: Environment, arrival: Arrival, now: datetime) -> list[tuple[ErrorGroup, State]]:
    """Errors that were first seen with it, the most frequent first."""
    rows = ErrorGroup.objects.filter(
        environment=environment, service_name=arrival.service, first_release=arrival.release
    )
    found = with_state(rows, now).order_by("-records", "-pk")[:ERRORS]
    return [(error, State(error.standing)) for error in found]
