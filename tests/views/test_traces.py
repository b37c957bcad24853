"""A trace's page: when it was, whose session it was, and every record whole."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from guardian.shortcuts import assign_perm

from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from tests.people import client_with, make_person, sign_in
from tests.views.reading import read
from tests.world import SECRET_TEXT, make_record, make_span


@pytest.fixture
def traced(world):
    """A request of 100 ms with a record at its beginning and one at its end."""
    began, key = clock.now() - timedelta(hours=3), uuid.uuid4()
    make_span(world.environment, trace_id=key, timestamp=began, duration_ns=100_000_000, session_id="s-7")
    for after in (0, 100):
        moment = began + timedelta(milliseconds=after)
        make_record(world.environment, trace_id=key, timestamp=moment, session_id="", has_restricted=False)
    return began, reverse("trace", args=[world.slug, key.hex])


def test_a_trace_says_when_it_began_and_leads_to_its_session(world, traced):
    began, address = traced
    page = read(client_with(world.environment, "developer").get(address))
    assert f"{began:%Y-%m-%d %H:%M:%S} UTC" in page.text
    assert page.links("Session")[-1:] == [reverse("session", args=[world.slug, "s-7"])]


def test_a_trace_of_no_session_leads_to_none(world):
    span = make_span(world.environment, trace_id=uuid.uuid4(), session_id="")
    page = read(client_with(world.environment, "developer").get(reverse("trace", args=[world.slug, span.trace_id.hex])))
    assert not [link for link in page.links("Session") if link != reverse("sessions", args=[world.slug])]


def test_the_dots_at_both_ends_are_drawn_whole(world, traced):
    page = read(client_with(world.environment, "developer").get(traced[1]))
    dots = [float(dot.attributes["cx"].removesuffix("%")) for dot in page.all("circle")]
    assert len(dots) == 2
    assert 0.5 <= dots[0] < dots[1] <= 99.5


def test_records_of_a_trace_are_shown_to_who_sees_logs(world, traced):
    assert SECRET_TEXT in read(client_with(world.environment, "developer").get(traced[1])).text
    person = make_person()
    assign_perm(Perm.VIEW_TRACES, person, world.environment)
    answer = sign_in(person).get(traced[1])
    assert SECRET_TEXT not in answer.content.decode()
    page = read(answer)
    assert not page.all("circle")
    assert "/log" not in " ".join(page.links())
    without_spans = make_record(world.environment, trace_id=uuid.uuid4())
    assert sign_in(person).get(reverse("trace", args=[world.slug, without_spans.trace_id.hex])).status_code == 404


def test_where_traces_are_switched_off_the_page_leads_to_where_that_is_said(world, traced):
    world.environment.tracing_enabled = False
    world.environment.save()
    client = client_with(world.environment, "developer")
    answer = client.get(traced[1])
    assert (answer.status_code, answer["Location"]) == (302, reverse("traces", args=[world.slug]))
    assert "Traces are switched off" in read(client.get(answer["Location"])).text


@pytest.fixture
def told(world):
    """A request of 100 ms that asked another service twice at once, of which one failed and said something."""
    began, key = clock.now() - timedelta(hours=3), uuid.uuid4()
    common = {"trace_id": key, "session_id": ""}
    make_span(
        world.environment, span_id="a" * 16, name="GET /basket", timestamp=began, duration_ns=100_000_000, http_status=500,
        attributes={"server.address": "10.0.0.7", "items": "three"}, **common,
    )  # fmt: skip
    for name, after, event in (("price", 20, True), ("stock", 40, False)):
        events = [{"time_ns": clock.to_ns(began) + 30_000_000, "name": "retry", "attributes": {"try": 2, "items": 1}}]
        make_span(
            world.environment, span_id=name[0] * 16, parent_span_id="a" * 16, name=name, kind=3, status_code=2 * event,
            status_message="no net_price" * event, timestamp=began + timedelta(milliseconds=after),
            duration_ns=40_000_000, events=events if event else [], **common,
        )  # fmt: skip
    make_record(world.environment, trace_id=key, timestamp=began, span_id="p" * 16, body="said in it", session_id="")
    return reverse("trace", args=[world.slug, key.hex])


def test_each_span_opens_to_all_that_it_says(world, told):
    page = read(client_with(world.environment, "developer").get(told))
    spans = page.all("details", class_="span-row")
    assert len(spans) == 3
    root, price, stock = (" ".join(span.text.split()) for span in spans)
    assert "server.address10.0.0.7" in root
    assert "itemsthree" in root
    assert "Took100 ms, of which 40 ms its own" in root
    assert "HTTP 500" in root
    assert "+20 ms" in price
    assert "Statuserror Messageno net_price" in price
    assert "Kindclient" in price
    assert "+30 msretry try=2 items=1" in price
    assert "said in it" in price
    assert "said in it" not in stock
    assert "its own" not in stock


def test_the_clock_is_written_above_and_no_table_says_it_again(world, told):
    page = read(client_with(world.environment, "developer").get(told))
    assert [text.text for text in page.all("text")] == ["0 ms", "25 ms", "50 ms", "75 ms", "100 ms"]
    assert not page.all("table")
    assert (
        len([one for one in page.all("summary") if "data-row" in one.attributes]) == 3
    )  # j, k and Enter walk over them
