"""Searching records."""

from contextlib import suppress
from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment, LogRecord
from diagnostics.privacy.lookups import note_lookup
from diagnostics.search.filters import DEFAULT_RANGE, LogFilters
from diagnostics.search.find import find_logs
from diagnostics.search.page import LogPage, SearchTooSlowError, read_page, search_limits
from diagnostics.search.ranges import read_range
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.default_view import open_default
from diagnostics.views.log_facets import complete, describe
from diagnostics.views.log_groups import count_by
from diagnostics.views.people import given_params, shareable_params, to_address, with_person_apart
from diagnostics.views.record import describe_record, find_record, known_params
from diagnostics.views.times import offer_times, time_or_default


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
        context |= count_by(request.environment, filters, params)
        if "groups" not in context["count"]:
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
    with search_limits():
        return {"result": read_page(find_logs(environment, filters), cursor)}
