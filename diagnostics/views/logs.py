"""Searching records, and one record with what stands around it."""

from datetime import timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from diagnostics.charts import Chart
from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.core.reference import read_reference
from diagnostics.core.severity import BANDS
from diagnostics.models import Environment, LogRecord
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.pseudonyms import keys_of
from diagnostics.privacy.reveal import NeedsReasonError, reveal_restricted
from diagnostics.search.filters import DEFAULT_RANGE, LogFilters, filter_logs
from diagnostics.search.golden import Golden, Sums, read_golden
from diagnostics.search.page import (
    LogPage,
    SearchTooSlowError,
    key_of,
    newer_than,
    older_than,
    read_page,
    search_limits,
)
from diagnostics.search.people import resolve_user
from diagnostics.search.ranges import read_range
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.default_view import open_default
from diagnostics.views.held import held_here
from diagnostics.views.overview import draw_records, trouble
from diagnostics.views.people import address_of, given_params, shareable_params, to_address
from diagnostics.views.times import offer_times, time_or_default

AROUND: Final = 8  # records shown before and after one
LATE: Final = timedelta(minutes=1)  # a record that came in later says so


@environment_page(Perm.VIEW_LOGS)
def logs(request: PageRequest) -> HttpResponse:
    """The search page; everything that it shows is in its address."""
    if (default := open_default(request, "logs")) is not None:
        return default
    given, now = given_params(request), clock.now()
    time, _ = time_or_default(given, DEFAULT_RANGE, now)
    context: dict[str, Any] = {
        "page": "logs",
        "times": offer_times(time, {}, DEFAULT_RANGE, now),
        "line": given.get("q", ""),
    }
    try:
        params = shareable_params(request, partial(has_records, request.environment), line="q")
        if request.method == "POST" or params != given:
            return to_address(params)
        filters = LogFilters.from_params(params, now)
        context["times"] = offer_times(read_range(params, DEFAULT_RANGE, now), params, DEFAULT_RANGE, now)
        note_lookup(request.user, request.environment, filters.fields.get("user", ""))
        context |= search(request.environment, filters, params.get("cursor", ""))
        context |= describe(request.environment, filters, params)
    except (ValueError, SearchTooSlowError) as error:
        context |= {"error": str(error), "result": LogPage([], "")}
    return render(request, "diagnostics/logs.html", context)


def has_records(environment: Environment, key: str) -> bool:
    """Whether records are stored under this pseudonym."""
    with search_limits():
        return LogRecord.objects.filter(environment_id=environment.pk, user_key=key).exists()


def search(environment: Environment, filters: LogFilters, cursor: str) -> dict[str, Any]:
    """A page of records."""
    rows = LogRecord.objects.filter(environment_id=environment.pk)
    resolved = resolve_user(filters, keys_of(environment))
    with search_limits():
        return {"result": read_page(filter_logs(rows, resolved), cursor)}


def describe(environment: Environment, filters: LogFilters, given: dict[str, str]) -> dict[str, Any]:
    """The histogram and the facets, from rollups: they cost the same however many records there are."""
    until = filters.until or clock.now()
    service = filters.fields.get("service", "")
    with search_limits():
        golden = read_golden(environment, filters.since or until, until, service, latency=False)
        everything = read_golden(environment, golden.since, until, latency=False) if service else golden
    params = {name: value for name, value in given.items() if name != "cursor"}
    return {
        "filters": filters,
        "chart": draw_histogram(golden, params),
        "chart_is_partial": bool(set(filters.fields) - {"service"} or filters.texts or filters.without),
        "facets": facets_of(golden, everything, filters, params),
        "chips": [
            (name, value, address(params, **{name: None, "q": None}))
            for name, value in filters.fields.items()
            if name in params
        ],
        "params": params,
        "more": urlencode(params),
    }


def draw_histogram(golden: Golden, params: dict[str, str]) -> Chart:
    """Each bar leads to its own time."""
    urls = [
        address(params, since=moment.isoformat(), until=(moment + golden.step).isoformat()) for moment in golden.times
    ]
    return draw_records(golden, [], urls=urls)


def facets_of(golden: Golden, everything: Golden, filters: LogFilters, params: dict[str, str]) -> list[dict[str, Any]]:
    """Levels and services to choose by, with counts: levels of what is chosen, services of everything."""
    by_level = count_levels(golden.total)
    levels = [facet("level", band, by_level.get(band), filters, params) for band in reversed(BANDS)]
    ranked = sorted(everything.services.items(), key=lambda item: (-trouble(item[1]), item[0]))[:15]
    services = [facet("service", name, sums.counts["records"], filters, params) for name, sums in ranked if name]
    statuses = [facet("status", name, None, filters, params) for name in ("5xx", "4xx", "2xx")]
    return [
        {"title": "Level, at least", "entries": levels},
        {"title": "Service", "entries": services},
        {"title": "Status", "entries": statuses},
    ]


def count_levels(sums: Sums) -> dict[str, int]:
    """Records of a level and worse, for the levels that sums tell apart: below warn, only all of them together."""
    counts = sums.counts
    bad = counts["warnings"] + counts["errors"]
    return {"fatal": counts["fatals"], "error": counts["errors"], "warn": bad, BANDS[0]: counts["records"]}


def facet(name: str, value: str, count: int | None, filters: LogFilters, params: dict[str, str]) -> dict[str, Any]:
    """One line: choosing it adds the field, choosing it again takes it away."""
    is_chosen = filters.fields.get(name) == value
    return {
        "value": value,
        "count": count,
        "is_chosen": is_chosen,
        "url": address(params, **{name: None if is_chosen else value}),
    }


def address(params: dict[str, str], **changes: str | None) -> str:
    """The page's address with some parameters changed (None removes)."""
    return address_of({**params, **changes})


@environment_page(Perm.VIEW_LOGS)
def log_detail(request: PageRequest, reference: str) -> HttpResponse:
    """One record: all fields, links to its trace, session and user, and what stood around it."""
    record = find_record(request.environment, reference)
    held = held_here(request, request.environment)
    context = {
        "page": "logs",
        "record": record,
        "before": around(record, newer=False),
        "after": around(record, newer=True),
        "columns": columns_of(record),
        "late_by": late_by(record),
        "may_reveal": bool(held & {Perm.VIEW_STACK_TRACES, Perm.VIEW_RESTRICTED}),
    }
    name = "diagnostics/parts/record.html" if request.headers.get("HX-Request") else "diagnostics/log_detail.html"
    return render(request, name, context)


@environment_page(Perm.VIEW_LOGS)
@require_POST
def log_reveal(request: PageRequest, reference: str) -> HttpResponse:
    """Show restricted fields: an act of its own, written down before anything is shown."""
    record = find_record(request.environment, reference)
    context: dict[str, Any] = {"page": "logs", "record": record}
    try:
        context["revealed"] = reveal_restricted(
            request.user, request.environment, record, request.POST.get("reason", "")
        )
    except NeedsReasonError as error:
        context["error"] = str(error)
    name = "diagnostics/parts/revealed.html" if request.headers.get("HX-Request") else "diagnostics/revealed.html"
    response = render(request, name, context, status=400 if "error" in context else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def find_record(environment: Environment, reference: str) -> LogRecord:
    """The record at an address; the caller has checked the environment."""
    place = read_reference(reference)
    if place is None:
        raise Http404("This is no record's address.")
    record = LogRecord.objects.filter(environment_id=environment.pk, timestamp=place.timestamp, pk=place.id).first()
    if record is None:
        raise Http404("This record is gone: its retention is over, or it was never here.")
    return record


def around(record: LogRecord, *, newer: bool) -> list[LogRecord]:
    """What the same session (or service) wrote just before or after, in the one order."""
    rows = LogRecord.objects.filter(environment_id=record.environment_id)
    rows = (
        rows.filter(session_id=record.session_id)
        if record.session_id
        else rows.filter(service_name=record.service_name)
    )
    reach = timedelta(minutes=10)
    if newer:
        bounded = rows.filter(newer_than(key_of(record)), timestamp__lte=record.timestamp + reach)
        return list(bounded.order_by(*LogRecord.ORDER)[:AROUND])
    bounded = rows.filter(older_than(key_of(record)), timestamp__gte=record.timestamp - reach)
    return list(bounded.order_by(*LogRecord.NEWEST_FIRST)[:AROUND])[::-1]


def late_by(record: LogRecord) -> timedelta | None:
    """How long after it happened a record came in, where that is worth a word."""
    late = record.observed_timestamp - record.timestamp
    return late if late >= LATE else None


def columns_of(record: LogRecord) -> list[tuple[str, str, str]]:
    """(label, value, filter name) of each known column."""
    duration = "" if record.duration_ms is None else f"{record.duration_ms:,.1f} ms"
    wanted = (
        ("Service", record.service_name, "service"), ("Logger", record.logger, "logger"),
        ("Release", record.release, "release"),
        ("Event", record.event_name, "event"), ("Error", record.error_type, "error"),
        ("Request", " ".join(filter(None, (record.http_method, record.http_route))), ""),
        ("Status", str(record.http_status or ""), "status"), ("Duration", duration, ""),
        ("Request id", record.request_id, "request"), ("User", record.user_key, "user"), ("Journey", record.journey_id, "journey"),
        ("Network", record.client_network, ""),
        ("Country", " ".join(filter(None, (record.geo_country, record.geo_region))), "country"),
        ("Device", record.device_type, ""), ("Browser", record.browser, "browser"), ("System", record.os, ""),
        ("Fingerprint", record.fingerprint, "fingerprint"),
    )  # fmt: skip
    return [(label, value, name) for label, value, name in wanted if value]
