"""What a search finds, as a file."""

from itertools import chain, islice
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.privacy.audit import record_event
from diagnostics.privacy.lookups import note_lookup
from diagnostics.search.download import read_newest, write_lines
from diagnostics.search.filters import LogFilters
from diagnostics.search.find import find_logs
from diagnostics.search.page import SearchTooSlowError
from diagnostics.views.addresses import address_of
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.record import known_params

MEDIA_TYPES: Final = {"csv": "text/csv", "json": "application/x-ndjson"}


@environment_page(Perm.VIEW_LOGS)
def log_download(request: PageRequest, kind: str) -> HttpResponse:
    """The newest records that the search finds; written down, without the words that were searched for. What cannot be searched
    is said on the page that the link stood on."""
    if kind not in MEDIA_TYPES:
        raise Http404("There is no such kind of file: use csv or json.")
    environment, params = request.environment, known_params(request.GET.dict())
    try:
        filters = LogFilters.from_params(params)
        note_lookup(request.user, environment, filters.fields.get("user", ""))
        records = read_newest(find_logs(environment, filters))
        first = list(islice(records, 1))  # before anything is answered
    except (ValueError, SearchTooSlowError) as error:
        messages.error(request, f"Nothing was downloaded. {error}")
        return redirect(reverse("logs", args=[environment.slug]) + address_of(params))
    since, until = (moment.isoformat() if moment else "" for moment in (filters.since, filters.until))
    record_event(request.user, "export.logs", kind, environment, since=since, until=until)
    lines = write_lines(chain(first, records), kind)
    response = StreamingHttpResponse(lines, content_type=f"{MEDIA_TYPES[kind]}; charset=utf-8")
    name = f"logs-{environment.slug}-{clock.now():%Y%m%d-%H%M%S}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response  # type: ignore[return-value]  # Django's two classes of answers have no common base in its types
