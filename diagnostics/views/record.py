"""One record: all of it, what stood around it, and its restricted fields by an act of their own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from diagnostics.core.permissions import Perm
from diagnostics.models import Environment, LogRecord
from diagnostics.privacy.reveal import NeedsReasonError, reveal_restricted
from diagnostics.search.filters import FIELD_NAMES
from diagnostics.search.page import key_of, newer_than, older_than
from diagnostics.search.ranges import write_moment
from diagnostics.search.record import record_at
from diagnostics.search.terms import write_attribute, write_name
from diagnostics.views.addresses import address_of, with_term
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.held import held_here
from diagnostics.views.times import TIME_NAMES

AROUND: Final = 8  # records shown before and after one
NEAR: Final = timedelta(minutes=30)  # of a record, where no search says which time is meant
MOST_ADDRESS: Final = 8_000  # characters of an address that are read
LATE: Final = timedelta(minutes=1)  # a record that came in later says so


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


class Attribute(NamedTuple):
    """An attribute, and the addresses of records with this value, of those without it, and of all counted by their values; empty
    where the query line cannot say it."""

    name: str
    value: Any
    with_it: str = ""
    without_it: str = ""
    counted: str = ""


def attributes_of(record: LogRecord, slug: str, params: dict[str, str]) -> list[Attribute]:
    """All of a record. The addresses keep the time of the search, or lie around the record."""
    if not params:
        params = {"since": write_moment(record.timestamp - NEAR), "until": write_moment(record.timestamp + NEAR)}
    logs_page = reverse("logs", args=[slug])
    found = []
    for name, value in record.attributes.items():
        term = write_attribute(name, value)
        without_it = with_term(params, f"-{term}") if term else ""
        if not without_it:  # the longer of the two
            found.append(Attribute(name, value))
            continue
        asked = (with_term(params, term), without_it, address_of({**params, "by": write_name(name)}))
        found.append(Attribute(name, value, *(logs_page + one for one in asked)))
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
    record = record_at(LogRecord.objects.filter(environment_id=environment.pk), reference)
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
