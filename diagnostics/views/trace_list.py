"""Finding traces: by what one of their spans did, the newest or the slowest first."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render

from diagnostics.charts import Chart, Line, draw_bars, draw_lines
from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.models import Span
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.pseudonyms import user_keys_of
from diagnostics.search.golden import Golden, read_golden
from diagnostics.search.page import SearchTooSlowError, search_limits
from diagnostics.search.people import is_stored
from diagnostics.search.query import STATUS
from diagnostics.search.ranges import TimeRange
from diagnostics.search.trace_filters import DEFAULT_RANGE, FIELD_NAMES, SORTS, TraceFilters
from diagnostics.search.traces import Trace, TracePage, read_traces
from diagnostics.views.addresses import address_of
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.default_view import open_default
from diagnostics.views.people import given_params, shareable_params, to_address
from diagnostics.views.times import offer_times, time_or_default

KNOWN: Final = frozenset({*FIELD_NAMES, "sort", "cursor", "range", "since", "until"})
BAR: Final = 100.0  # of a row's bar: the longest on the page
STATUSES: Final = {"": "any status", "error": "failed", "5xx": "5xx", "4xx": "4xx", "2xx": "2xx"}


@dataclass(frozen=True, slots=True)
class Row:
    """A trace, and how long its bar is of BAR."""

    trace: Trace
    width: float


@environment_page(Perm.VIEW_TRACES)
def traces(request: PageRequest) -> HttpResponse:
    """The search page; everything that it shows is in its address."""
    if (default := open_default(request, "traces")) is not None:
        return default
    environment, now = request.environment, clock.now()
    given = given_params(request)
    params = shareable_params(request, partial(is_stored, environment))
    if request.method == "POST" or params != given:
        return to_address({name: value for name, value in params.items() if name != "cursor"})
    params = {name: value for name, value in params.items() if name in KNOWN}
    time, wrong = time_or_default(params, DEFAULT_RANGE, now)
    sort = params.get("sort", "")
    context: dict[str, Any] = {
        "page": "traces",
        "times": offer_times(time, params, DEFAULT_RANGE, now),
        "sorts": [(name, label, address_of({**params, "sort": name, "cursor": None})) for name, label in SORTS.items()],
        "sort": sort if sort in SORTS else "newest",
        "statuses": statuses_with(params.get("status", "")).items(),
        "wanted": {name: params.get(name, "") for name in FIELD_NAMES},
        "error": wrong,
    }
    if environment.tracing_enabled and not wrong:
        context |= look(request, params, now)
    return render(request, "diagnostics/traces.html", context)


def statuses_with(chosen: str) -> dict[str, str]:
    """What the list offers, and what the address says beside it ('503')."""
    return STATUSES if chosen in STATUSES or not STATUS.match(chosen) else {**STATUSES, chosen: chosen}


def look(request: PageRequest, params: dict[str, str], now: datetime) -> dict[str, Any]:
    """What was found and the charts above it; or what is wrong."""
    environment = request.environment
    try:
        filters = TraceFilters.from_params(params, now)
        page = find(request, filters, params.get("cursor", ""))
    except (ValueError, SearchTooSlowError) as error:
        return {"error": str(error)}
    service = filters.fields.get("service", "")
    golden = read_golden(environment, filters.time.since, filters.time.until, service)
    return {
        "rows": with_bars(page.traces),
        "next": address_of({**params, "cursor": page.next_cursor}) if page.next_cursor else "",
        "is_first": "cursor" not in params,
        "charts": draw_requests(golden, params) if golden.total.counts["requests"] else [],
        "chart_is_partial": bool(set(filters.fields) - {"service"}),
        "is_narrowed": bool(filters.fields),
        "ever": bool(page.traces) or Span.objects.filter(environment_id=environment.pk).exists(),
    }


def find(request: PageRequest, filters: TraceFilters, cursor: str) -> TracePage:
    """One page; a person is looked for by pseudonyms, and that is written down."""
    typed = filters.fields.get("user", "")
    note_lookup(request.user, request.environment, typed)
    if typed:
        filters = filters.with_user_keys(user_keys_of(request.environment, typed))
    with search_limits():
        return read_traces(request.environment, filters, cursor)


def with_bars(found: list[Trace]) -> list[Row]:
    """Bars on one scale, so that they can be compared down the page."""
    longest = max((trace.duration_ms for trace in found), default=0) or 1
    return [Row(trace, round(max(trace.duration_ms / longest * BAR, 0.5), 1)) for trace in found]


def draw_requests(golden: Golden, params: dict[str, str]) -> list[tuple[str, Chart]]:
    """Requests and their durations, from sums by minute: they cost the same however many spans there are."""
    urls = [
        address_of({**params, **part.params(), "range": None, "cursor": None})
        for part in (TimeRange(moment, moment + golden.step, is_open=False) for moment in golden.times)
    ]
    counts = [sums.counts for sums in golden.steps]
    bars = [
        Line("answered", [each["requests"] - each["failures"] for each in counts]),
        Line("failed", [each["failures"] for each in counts], "tone-bad"),
    ]
    durations = [
        Line("p95", [sums.latency_at(0.95) for sums in golden.steps], "tone-warn"),
        Line("p50", [sums.latency_at(0.5) for sums in golden.steps]),
    ]
    return [
        ("Requests", draw_bars("Requests", golden.times, golden.step, bars, urls=urls, now=golden.until)),
        ("Durations, p50 and p95", draw_lines(
            "Durations", golden.times, golden.step, durations, unit="ms", now=golden.until
        )),
    ]  # fmt: skip
