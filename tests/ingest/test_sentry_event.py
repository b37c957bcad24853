"""What a Sentry event tells of its request, its stacks and its client, and where that goes."""

import json
import uuid

import pytest

from diagnostics.models import RestrictedFields, Span
from diagnostics.storage.restricted import unseal
from tests.ingest.envelopes import SPAN, TRACE, envelope, error_event, rows, send

pytestmark = pytest.mark.django_db(transaction=True)


OWN_TAGS = {
    "service": "checkout", "http.status_code": "500", "http.method": "GET", "http.route": "/cart", "duration_ms": "90", "plan": "gold",
}  # fmt: skip


async def test_what_an_event_tells_of_its_request_counts_once(environment, key):
    event = error_event(tags=OWN_TAGS)
    assert (await send(key, envelope(("event", event), event_id=event["event_id"]))).status_code == 200
    *crumbs, main = await rows(environment)
    assert (main.http_status, main.http_route, main.duration_ms) == (500, "/cart", 90.0)
    for crumb in crumbs:
        assert (crumb.http_status, crumb.http_method, crumb.http_route, crumb.duration_ms) == (None, "", "", None)
        assert (crumb.service_name, crumb.attributes["plan"]) == ("checkout", "gold")
        assert not crumb.attributes.keys() & {"http.status_code", "http.method", "http.route", "duration_ms"}


async def test_a_transactions_status_is_the_root_spans_alone(environment, key):
    event = {
        "type": "transaction", "transaction": "GET /cart", "start_timestamp": 1_800_000_000.0, "timestamp": 1_800_000_000.5,
        "contexts": {"trace": {"trace_id": TRACE, "span_id": SPAN, "op": "http.server"}}, "tags": OWN_TAGS,
        "request": {"headers": {"X-Request-Id": "r-7"}},
        "spans": [{"span_id": "00f067aa0ba902b7", "parent_span_id": SPAN, "op": "http.client", "start_timestamp": 1_800_000_000.1,
                   "timestamp": 1_800_000_000.2, "data": {"http.response.status_code": 404}},
                  {"span_id": "00f067aa0ba902b8", "parent_span_id": SPAN, "op": "db", "start_timestamp": 1_800_000_000.3}],
    }  # fmt: skip
    assert (await send(key, envelope(("transaction", event), event_id=uuid.uuid4().hex))).status_code == 200
    spans = [span async for span in Span.objects.filter(environment_id=environment.pk).order_by("timestamp")]
    assert [span.http_status for span in spans] == [500, 404, None]
    assert [span.http_method for span in spans] == ["GET", "", ""]
    assert {span.request_id for span in spans} == {"r-7"}


async def restricted_of(row):
    sealed = await RestrictedFields.objects.aget(pk=row.pk, timestamp=row.timestamp)
    return unseal(bytes(sealed.ciphertext), row.environment_id)


STACK = {"frames": [{"filename": "pay.py", "function": "price_of", "lineno": 7}]}


OTHER = {"frames": [{"filename": "idle.py", "function": "wait", "lineno": 1}]}


@pytest.mark.parametrize(
    ("fields", "last_line"),
    [
        ({"threads": {"values": [{"current": True, "stacktrace": OTHER}, {"crashed": True, "stacktrace": STACK}]}}, "price_of"),
        ({"threads": {"values": [{"stacktrace": OTHER}, {"current": True, "stacktrace": STACK}]}}, "price_of"),
        ({"stacktrace": STACK}, "price_of"),
        ({"stacktrace": STACK, "exception": {"values": [{"type": "KeyError", "value": "x"}]}}, "KeyError: x"),
    ],
)  # fmt: skip
async def test_a_stack_that_stands_elsewhere_is_the_events(environment, key, fields, last_line):
    event = error_event(**{"breadcrumbs": None, "exception": None, "message": "told", **fields})
    await send(key, envelope(("event", event)))
    (row,) = await rows(environment)
    stack = (await restricted_of(row))["exception.stacktrace"]
    assert 'File "pay.py", line 7, in price_of' in stack
    assert "idle.py" not in stack
    assert stack.endswith(last_line)
    assert row.body == "told"


async def test_a_stack_of_the_exception_itself_is_the_better_one(environment, key):
    await send(key, envelope(("event", error_event(breadcrumbs=None, stacktrace=OTHER))))
    (row,) = await rows(environment)
    assert "idle.py" not in (await restricted_of(row))["exception.stacktrace"]


@pytest.mark.parametrize(
    ("request_fields", "network"),
    [
        ({"headers": [["X-Forwarded-For", "81.2.69.142, 10.0.0.1"]], "env": {"REMOTE_ADDR": "10.0.0.2"}}, "81.2.69.0/24"),
        ({"headers": {"X-Forwarded-For": "[Filtered]"}, "env": {"REMOTE_ADDR": "81.2.69.142"}}, "81.2.69.0/24"),
        ({"env": {"REMOTE_ADDR": "[Filtered]"}}, ""),
    ],
)  # fmt: skip
async def test_the_request_tells_who_asked(environment, key, request_fields, network):
    request_fields.setdefault("headers", {})
    if isinstance(request_fields["headers"], dict):
        request_fields["headers"]["x-request-id"] = "r-7"
    event = error_event(request=request_fields, user={"id": "42"}, contexts={"response": {"status_code": 502}})
    await send(key, envelope(("event", event)))
    *crumbs, main = await rows(environment)
    assert {row.client_network for row in (*crumbs, main)} == {network}
    assert main.http_status == 502
    assert {row.http_status for row in crumbs} == {None}
    assert main.request_id == ("r-7" if isinstance(request_fields["headers"], dict) else "")
    assert "81.2.69.142" not in json.dumps([row.attributes for row in (*crumbs, main)])


@pytest.mark.parametrize(
    ("contexts", "columns"),
    [
        ({"browser": {"name": "Firefox", "version": "128.0.1"}, "os": {"name": "Windows", "version": "11"}}, ("Firefox 128", "Windows 11", "")),
        ({"os": {"name": "iOS", "version": "17.2"}, "device": {"family": "iPad"}}, ("", "iOS 17", "tablet")),
        ({"os": {"name": "Android", "version": "14"}, "device": {"model": "Pixel 8"}}, ("", "Android 14", "mobile")),
        ({"os": {"name": "Linux", "version": "6.1"}, "device": {"arch": "x64"}}, ("", "", "")),
        ({"os": {"name": ["x"]}, "browser": {"name": "<b>"}, "device": 7}, ("", "", "")),
    ],
)  # fmt: skip
async def test_what_a_browser_or_a_phone_says_of_itself_fills_the_columns(environment, key, contexts, columns):
    await send(key, envelope(("event", error_event(breadcrumbs=None, request=None, contexts=contexts))))
    (row,) = await rows(environment)
    assert (row.browser, row.os, row.device_type) == columns
