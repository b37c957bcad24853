"""The live page, and what it refills from after it was away."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.core.severity import BANDS
from diagnostics.live.wire import shown_record, stored_record
from diagnostics.models import Environment, LogRecord
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.pseudonyms import looks_known
from diagnostics.search.filters import LogFilters
from diagnostics.search.find import find_logs
from diagnostics.search.golden import read_golden
from diagnostics.search.page import SearchTooSlowError, read_page, search_limits
from diagnostics.views.addresses import address_of
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.default_view import open_default
from diagnostics.views.log_facets import complete
from diagnostics.views.people import shareable_params, to_address, with_person_apart

FIRST_ROWS = 50
REFILL_ROWS = 200
OF_LATE = timedelta(hours=1)


@environment_page(Perm.STREAM_LOGS)
def live(request: PageRequest) -> HttpResponse:
    """The newest records; script keeps them coming."""
    if (default := open_default(request, "live")) is not None:
        return default
    context: dict[str, Any] = {"page": "live", "bands": BANDS, "completions": complete(())}
    try:
        params = shareable_params(request, looks_known, line="q")
        params = with_person_apart(request, params)
        if params.get("person"):
            return HttpResponseRedirect(f"{reverse('logs', args=[request.environment.slug])}{address_of(params)}")
        if params != request.GET.dict():
            return to_address(params)
        context["params"] = {name: params.get(name, "") for name in ("q", "level")}
        filters = LogFilters.from_params({"range": "15m", **context["params"]})
        note_lookup(request.user, request.environment, filters.fields.get("user", ""))
        context["records"] = newest_records(request.environment, filters)
        context["completions"] = complete(heard_services(request.environment))
    except ValueError as error:
        context["error"] = str(error)
    return render(request, "diagnostics/live.html", context)


def newest_records(environment: Environment, filters: LogFilters) -> list[LogRecord]:
    """What the page begins with; the stream itself does not need them."""
    with suppress(SearchTooSlowError), search_limits():
        return read_page(find_logs(environment, filters), size=FIRST_ROWS).records
    return []


def heard_services(environment: Environment) -> Iterable[str]:
    """Services that sent anything of late, to choose from."""
    now = clock.now()
    return read_golden(environment, now - OF_LATE, now, latency=False).services


@environment_page(Perm.STREAM_LOGS)
@require_POST
def live_refill(request: PageRequest) -> HttpResponse:
    """Records since a moment, oldest first: what a page missed while its socket was away. What is looked for comes in the
    body: it may name a person, and addresses are logged."""
    try:
        filters = LogFilters.from_params({"range": "15m", **request.POST.dict()})
        note_lookup(request.user, request.environment, filters.fields.get("user", ""))
        with search_limits():
            page = read_page(find_logs(request.environment, filters), size=REFILL_ROWS)
    except (ValueError, SearchTooSlowError) as error:
        return JsonResponse({"error": str(error)}, status=400)
    records = [shown_record(stored_record(record)) for record in reversed(page.records)]
    return JsonResponse({"records": records, "is_cut": bool(page.next_cursor)})
