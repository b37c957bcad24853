"""Searching records, and one record with what stands around it."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
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
from diagnostics.search.filters import DEFAULT_RANGE, FIELD_NAMES, LogFilters, band_of_level, filter_logs
from diagnostics.search.golden import Golden, Sums, read_golden
from diagnostics.search.histogram import FEW, Counted, count_records, is_summed
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
from diagnostics.search.query import LENGTH, NAMES
from diagnostics.search.ranges import read_range, write_moment
from diagnostics.search.terms import write_attribute
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.default_view import open_default
from diagnostics.views.held import held_here
from diagnostics.views.overview import draw_records, trouble
from diagnostics.views.people import address_of, given_params, shareable_params, to_address, with_person_apart
from diagnostics.views.times import TIME_NAMES, offer_times, time_or_default

AROUND: Final = 8  # records shown before and after one
NEAR: Final = timedelta(minutes=30)  # of a record, where no search says which time is meant
MOST_ADDRESS: Final = 8_000  # characters of an address that are read
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
        "completions": complete([]),
    }
    try:
        params = shareable_params(request, partial(has_records, request.environment), line="q")
        params = with_person_apart(request, params)
        if request.method == "POST" and params.pop("meant", ""):  # the person is, whose address was typed
            params["user"] = params.pop("person", "")
        if request.method == "POST" or params != given:
            return to_address(params)
        context |= opened_record(request, params)
        params = {name: value for name, value in params.items() if name != "record"}
        filters = LogFilters.from_params(params, now)
        context["times"] = offer_times(read_range(params, DEFAULT_RANGE, now), params, DEFAULT_RANGE, now)
        if params.get("person"):
            return render(request, "diagnostics/logs.html", context | person_instead(params))
        note_lookup(request.user, request.environment, filters.fields.get("user", ""))
        context |= search(request.environment, filters, params.get("cursor", ""))
        context |= describe(request.environment, filters, params)
    except (ValueError, SearchTooSlowError) as error:
        context |= {"error": str(error), "result": LogPage([], "")}
    return render(request, "diagnostics/logs.html", context)


def person_instead(params: dict[str, str]) -> dict[str, Any]:
    """An e-mail address was typed: nothing is searched until somebody says that they mean the person."""
    kept = {name: value for name, value in params.items() if name not in ("person", "cursor")}
    return {"person": params["person"], "params": kept, "result": LogPage([], "")}


def opened_record(request: PageRequest, params: dict[str, str]) -> dict[str, Any]:
    """The record that stands open beside the list."""
    if not params.get("record"):
        return {}
    with suppress(Http404):
        record = find_record(request.environment, params["record"])
        return {"opened": describe_record(request, record, known_params(params))}
    return {}


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
    """The histogram and the facets: from sums where these know, else counted."""
    until = filters.until or clock.now()
    service = filters.fields.get("service", "")
    with search_limits():
        golden = read_golden(environment, filters.since or until, until, service, latency=False)
        everything = read_golden(environment, golden.since, until, latency=False) if service else golden
    params = {name: value for name, value in given.items() if name != "cursor"}
    counted = count(environment, filters, golden)
    return {
        "filters": filters,
        "chart": draw_histogram(counted.golden if counted else golden, filters, params),
        "chart_is_rough": counted is None and not is_summed(filters),
        "facets": facets_of(golden, everything, counted, filters, params),
        "completions": complete(sorted(name for name in everything.services if re.fullmatch(r'[^\s"*]+', name))),
        "chips": [
            (name, value, address(params, **{name: None, "q": None}))
            for name, value in filters.fields.items()
            if name in params
        ],
        "params": params,
        "more": urlencode(params),
    }


def complete(services: list[str]) -> list[str]:
    """What the query line offers while somebody types."""
    names = [f"{name}:" for name in sorted(set(NAMES.values()))]
    examples = ["status:5xx", "status:>=500", "duration:>1s", "duration:<=250ms"]
    return [
        *names,
        *(f"level:{band}" for band in reversed(BANDS)),
        *examples,
        *(f"service:{name}" for name in services[:50]),
    ]


def count(environment: Environment, filters: LogFilters, golden: Golden) -> Counted | None:
    """What the search finds, counted; None where sums know it, or where counting takes too long."""
    if is_summed(filters) and golden.total.counts["records"] > FEW:
        return None
    rows = LogRecord.objects.filter(environment_id=environment.pk)
    with suppress(SearchTooSlowError):
        return count_records(rows, resolve_user(filters, keys_of(environment)), golden)
    return None


def draw_histogram(golden: Golden, filters: LogFilters, params: dict[str, str]) -> Chart:
    """Each bar leads to its own time. A level leaves out the parts of the stack that are below it."""
    urls = [
        address(params, since=moment.isoformat(), until=(moment + golden.step).isoformat()) for moment in golden.times
    ]
    level = filters.fields.get("level")
    return draw_records(golden, [], urls=urls, level=band_of_level(level) if level else "")


def facets_of(
    golden: Golden, everything: Golden, counted: Counted | None, filters: LogFilters, params: dict[str, str]
) -> list[dict[str, Any]]:
    """Levels, services and statuses to choose by, with counts: levels of what is chosen, services of everything or, where
    they were counted, of what is found."""
    by_level: Mapping[str, int] = at_least(counted.bands) if counted else count_levels(golden.total)
    by_status: Mapping[str, int] = counted.statuses if counted else {}
    levels = [facet("level", band, by_level.get(band), filters, params) for band in reversed(BANDS)]
    ranked = sorted(everything.services.items(), key=lambda item: (-trouble(item[1]), item[0]))[:15]
    by_service = {name: sums.counts["records"] for name, sums in ranked}
    if counted:
        found = {name: sums.counts["records"] for name, sums in counted.golden.services.items()}
        by_service = {name: found.get(name, 0) for name in by_service}
    chosen = filters.fields.get("service")
    if counted and chosen and not is_summed(filters):
        by_service = {name: number for name, number in by_service.items() if name == chosen}
    elif chosen:
        by_service = {name: sums.counts["records"] for name, sums in ranked}
    services = [facet("service", name, by_service.get(name), filters, params) for name, _ in ranked if name]
    statuses = [facet("status", name, by_status.get(name), filters, params) for name in ("5xx", "4xx", "2xx")]
    return [
        {"title": "Level, at least", "entries": levels},
        {"title": "Service", "entries": services},
        {"title": "Status", "entries": statuses},
    ]


def at_least(bands: Mapping[str, int]) -> dict[str, int]:
    """Records of a level and worse."""
    return {band: sum(bands[each] for each in BANDS[number:]) for number, band in enumerate(BANDS)}


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
    context = {"page": "logs", **describe_record(request, record, searched_params(request))}
    name = "diagnostics/parts/record.html" if request.headers.get("HX-Request") else "diagnostics/log_detail.html"
    return render(request, name, context)


def describe_record(request: PageRequest, record: LogRecord, params: dict[str, str]) -> dict[str, Any]:
    """What is shown of a record; `params` are those of the search that its attributes are added to."""
    held = held_here(request, request.environment)
    return {
        "record": record,
        "before": around(record, newer=False),
        "after": around(record, newer=True),
        "columns": columns_of(record),
        "attributes": attributes_of(record, request.environment.slug, params),
        "late_by": late_by(record),
        "may_reveal": bool(held & {Perm.VIEW_STACK_TRACES, Perm.VIEW_RESTRICTED}),
    }


def searched_params(request: PageRequest) -> dict[str, str]:
    """Of the search beside which a record is opened: the page says which address it has."""
    current = urlsplit(request.headers.get("HX-Current-URL", "")[:MOST_ADDRESS])
    if current.path != reverse("logs", args=[request.environment.slug]):
        return {}
    return known_params(dict(parse_qsl(current.query)))


def known_params(params: Mapping[str, str]) -> dict[str, str]:
    """What a search may have in its address."""
    return {name: params[name] for name in ("q", *FIELD_NAMES, *TIME_NAMES) if params.get(name)}


def attributes_of(record: LogRecord, slug: str, params: dict[str, str]) -> list[tuple[str, Any, str, str]]:
    """(name, value, address with it, address without it); no address where the query line cannot say it. They keep the
    time of the search, or lie around the record."""
    if not params:
        params = {"since": write_moment(record.timestamp - NEAR), "until": write_moment(record.timestamp + NEAR)}
    logs_page = reverse("logs", args=[slug])
    found = []
    for name, value in record.attributes.items():
        term, line = write_attribute(name, value), params.get("q", "")
        is_open = bool(term) and len(line) + len(term) + 2 <= LENGTH
        with_it, without_it = (logs_page + address(params, q=f"{line} {sign}{term}".strip()) for sign in ("", "-"))
        found.append((name, value, with_it if is_open else "", without_it if is_open else ""))
    return found


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
