"""Text of records is data: escaped everywhere, and what cannot be seen is made visible."""

import pytest
from django.urls import reverse

from alerts.incidents.transitions import resolve_incident
from alerts.models import DeliveryAttempt, InboxMessage, Incident, Monitor
from diagnostics.core import clock
from diagnostics.core.record import Record
from diagnostics.models import Event, MinuteRollup, SavedView
from diagnostics.pipeline.normalise import normalise_log
from diagnostics.templatetags.shell import UNSEEN, visible
from tests.people import ask_page
from tests.views.reading import Page
from tests.views.test_headers import assert_safe_markup
from tests.world import make_error, make_journey, make_record, make_session, make_snapshot, make_span, make_template

# Markup, an attribute's end, a template's tag, an escape of terminals, directions, what has no width, a tag character.
BAD = "<script>alert(1)</script>\"'><img src=x onerror=y>{{ 7 }}\x1b[2J\r\u202e\u2066\u200b\u061c\u2060\U000e0041\x85z"


@pytest.fixture
def hostile(world):
    """The world with BAD in every text that a sender can choose."""
    environment = world.furnish().environment
    record = make_record(
        environment, body=BAD, service_name=BAD, logger=BAD, release=BAD, event_name=BAD, session_id=BAD,
        user_key="u", journey_id=BAD, request_id=BAD, http_method="GET", http_route=BAD, http_status=500, duration_ms=5,
        error_type=BAD, fingerprint="f", geo_country="DE", geo_region=BAD, device_type=BAD, browser=BAD, os=BAD,
        attributes={BAD: BAD, "nested": {"list": [BAD]}, "items": BAD}, severity_number=17,
    )  # fmt: skip
    make_session(environment, session_id=BAD, services=[BAD], browser=BAD[:100], os=BAD[:100], release=BAD, errors=1)
    make_journey(
        environment, journey_id=BAD, services=[BAD], release=BAD, session_ids=[BAD], steps={BAD: [0, 1], BAD[-20:]: [0, 2]},
        last_step=[1, 3, BAD + "last"],
    )  # fmt: skip
    make_span(
        environment, name=BAD, service_name=BAD, session_id=BAD, trace_id=record.trace_id, status_message=BAD,
        attributes={BAD: BAD, "items": BAD}, events=[{"name": BAD, "time_ns": BAD, "attributes": {BAD: BAD, "items": BAD}}],
    )  # fmt: skip
    SavedView.objects.create(environment=environment, page="logs", name=BAD, params={"service": BAD}, is_shared=True)
    now = clock.now()
    MinuteRollup.objects.create(
        environment=environment, minute=clock.floor_minute(now), service_name=BAD, source="log", records=1, errors=1
    )
    Event.objects.create(
        environment=environment, timestamp=now, kind="deploy", service_name=BAD, release=BAD, title=BAD
    )
    make_error(environment, BAD, service_name=BAD, error_type=BAD, first_release=BAD, release=BAD, releases=[BAD])
    sample = {"reference": record.reference, "timestamp": now.isoformat(), "severity": "error", "service_name": BAD,
              "body": BAD}  # fmt: skip
    context = {"messages": [{"count": 1, "text": BAD}], "session_ids": [BAD], "users": 1, "sessions": 1, "looked_at": 1,
               "deploy": {"title": BAD, "timestamp": now.isoformat(), "release": BAD}}  # fmt: skip
    Incident.objects.filter(pk=world.incident.pk).update(
        title=BAD, summary=BAD, service_name=BAD, http_route=BAD, release=BAD, samples=[sample], context=context
    )
    world.template = make_template(environment, BAD + "<*>", service_name=BAD, releases={BAD: 1})
    make_template(environment, BAD + "<*>", service_name=BAD + "2")
    InboxMessage.objects.update(title=BAD, text=BAD)
    DeliveryAttempt.objects.create(notification=world.notification, started_at=now, error=BAD)
    Monitor.objects.filter(pk=world.monitor.pk).update(name=BAD, trouble=BAD)
    world.monitor.reports.update(message=BAD)
    resolved = Incident.objects.get(pk=world.incident.pk)
    resolved.pk, resolved.state = None, "resolved"
    resolved.save()
    world.record = record
    world.snapshot = make_snapshot(record, note=BAD)
    return world


PAGES = {
    "overview": lambda w: [w.slug],
    "logs": lambda w: [w.slug],
    "log-detail": lambda w: [w.slug, w.record.reference],
    "live": lambda w: [w.slug],
    "errors": lambda w: [w.slug],
    "releases": lambda w: [w.slug],
    "patterns": lambda w: [w.slug],
    "pattern": lambda w: [w.slug, w.template.reference],
    "traces": lambda w: [w.slug],
    "views": lambda w: [w.slug],
    "trace": lambda w: [w.slug, w.record.trace_id.hex],
    "sessions": lambda w: [w.slug],
    "session": lambda w: [w.slug, BAD],
    "journeys": lambda w: [w.slug],
    "journey": lambda w: [w.slug, BAD],
    "snapshots": lambda w: [w.slug],
    "snapshot": lambda w: [w.slug, w.snapshot.pk],
    "incidents": lambda w: [w.slug],
    "incident": lambda w: [w.slug, w.incident.pk],
    "monitors": lambda w: [w.slug],
    "monitor": lambda w: [w.slug, w.monitor.pk],
    "inbox": lambda w: [],
}


def assert_harmless(html):
    page = Page(html)
    assert not page.all("img")
    assert "alert(1)</script>" not in html
    assert_safe_markup(html)
    unseen = {character for character in html if ord(character) in UNSEEN}
    assert not unseen, [html[html.index(one) - 60 :][:80] for one in unseen]


def test_text_of_senders_is_escaped_and_made_visible(hostile, on_call):
    resolve_incident(hostile.incident, None, BAD)
    for name, arguments in PAGES.items():
        response = on_call.get(reverse(name, args=arguments(hostile)), query_params={"state": "all"})
        assert response.status_code == 200, name
        text = Page(response.content.decode()).text
        assert "<script>alert(1)</script>" in text, name  # as text, to be read
        assert "[U+202E]" in text, name
        assert_harmless(response.content.decode())


def test_a_release_and_its_service_may_be_called_anything(hostile, on_call):
    address = reverse("release", args=[hostile.slug])
    response = on_call.get(address, query_params={"service": BAD, "release": BAD})
    assert response.status_code == 200
    assert "[U+202E]" in Page(response.content.decode()).text
    assert_harmless(response.content.decode())


TYPED = {
    "logs": ("q", "range", "since", "level", "status", "service", "cursor"),
    "patterns": ("q", "service", "level", "new", "sort", "range", "page"),
    "sessions": ("session", "user", "service", "release", "show", "cursor"),
    "live": ("q", "level"),
    "traces": (
        "service",
        "name",
        "min",
        "status",
        "session",
        "user",
        "release",
        "sort",
        "range",
        "since",
        "until",
        "cursor",
    ),
    "overview": ("range", "since", "until"),
    "timeline": ("user", "journey", "trace", "request", "at", "t", "range", "since", "until", "cursor"),
    "errors": ("q", "service", "release", "state", "sort", "range", "cursor"),
    "releases": ("service", "release", "range", "since", "cursor"),
    "journeys": ("journey", "user", "show", "outcome", "range", "cursor"),
    "snapshots": ("error", "service", "release", "user", "session", "fingerprint", "reason", "range", "cursor"),
    "incidents": ("service", "state", "cursor"),
}


def test_what_is_typed_into_a_search_comes_back_escaped(world, on_call):
    for name, fields in TYPED.items():
        for field in fields:
            params = {field: '"><script>alert(1)</script>'}
            response = ask_page(on_call, reverse(name, args=[world.slug]), **params)
            assert response.status_code == 200
            assert_safe_markup(response.content.decode())


@pytest.mark.parametrize("session_id", ["a\nb", "a\r\nb", "a\u2028b"])
def test_a_session_id_of_several_lines_becomes_one_that_an_address_can_hold(session_id):
    record = Record(1, 1, attributes={"session.id": session_id})
    normalise_log(record)
    assert record.session_id == "a b"
    assert reverse("session", args=["x", record.session_id]) == "/e/x/sessions/a%20b/"


def test_what_is_seen_stays_as_it_is():
    assert visible("a\tb\nc äöü 漢字 🙂 \u200d") == "a\tb\nc äöü 漢字 🙂 \u200d"
    assert visible("\x00\x1b\x7f\u202e") == "\u2400\u241b\u2421[U+202E]"
