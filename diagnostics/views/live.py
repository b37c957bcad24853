"""The live page, and what it refills from after it was away."""

from contextlib import suppress

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from diagnostics.core.permissions import Perm
from diagnostics.core.severity import BANDS
from diagnostics.live.wire import stored_record
from diagnostics.models import LogRecord
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.pseudonyms import keys_of
from diagnostics.search.filters import LogFilters, filter_logs
from diagnostics.search.page import SearchTooSlowError, read_page, search_limits
from diagnostics.search.people import resolve_user
from diagnostics.views.decorators import PageRequest, environment_page

FIRST_ROWS = 50
REFILL_ROWS = 200


@environment_page(Perm.STREAM_LOGS)
def live(request: PageRequest) -> HttpResponse:
    """The newest records; script keeps them coming."""
    rows = LogRecord.objects.filter(environment_id=request.environment.pk)
    newest: list[LogRecord] = []
    with suppress(SearchTooSlowError), search_limits():  # the stream itself does not need them
        newest = read_page(filter_logs(rows, LogFilters.from_params({"range": "15m"})), size=FIRST_ROWS).records
    return render(request, "diagnostics/live.html", {"page": "live", "records": newest, "bands": BANDS})


@environment_page(Perm.STREAM_LOGS)
@require_POST
def live_refill(request: PageRequest) -> HttpResponse:
    """Records since a moment, oldest first: what a page missed while its socket was away. What is looked for comes in the
    body: it may name a person, and addresses are logged."""
    try:
        filters = LogFilters.from_params({"range": "15m", **request.POST.dict()})
        note_lookup(request.user, request.environment, filters.fields.get("user", ""))
        resolved = resolve_user(filters, keys_of(request.environment))
        rows = filter_logs(LogRecord.objects.filter(environment_id=request.environment.pk), resolved)
        with search_limits():
            page = read_page(rows, size=REFILL_ROWS)
    except (ValueError, SearchTooSlowError) as error:
        return JsonResponse({"error": str(error)}, status=400)
    records = [stored_record(record) for record in reversed(page.records)]
    return JsonResponse({"records": records, "is_cut": bool(page.next_cursor)})
