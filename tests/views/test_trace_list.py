"""The page of traces: found, ordered, drawn; what it says when there are none."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.models import AccessEvent, Span
from diagnostics.privacy.pseudonyms import stand_in
from tests.people import client_with
from tests.views.reading import read
from tests.world import make_span


@pytest.fixture
def address(world):
    return reverse("traces", args=[world.slug])


@pytest.fixture
def developer(world):
    return client_with(world.environment, "developer")


def rows_of(page):
    return [element for element in page.all("a") if "data-row" in element.attributes]


def test_each_row_leads_to_its_waterfall_and_its_bar_is_a_share_of_the_longest(world, developer, address):
    Span.objects.all().delete()
    now = clock.now()
    slow = make_span(world.environment, name="POST /pay", duration_ns=4 * 10**9, timestamp=now - timedelta(minutes=2))
    make_span(world.environment, name="GET /cart", duration_ns=10**9, timestamp=now - timedelta(minutes=1))
    page = read(developer.get(address))
    assert [row.text for row in rows_of(page)] == ["GET /cart", "POST /pay"]
    assert reverse("trace", args=[world.slug, slow.trace_id.hex]) in page.links("POST /pay")
    assert [bar.attributes["width"] for bar in page.all("rect", class_="bar")] == ["25.0", "100.0"]
    slowest = read(developer.get(address, {"sort": "slowest"}))
    assert [row.text for row in rows_of(slowest)] == ["POST /pay", "GET /cart"]


def test_what_a_trace_was_found_by_is_said_where_it_is_not_its_root(world, developer, address):
    key = uuid.uuid4()
    make_span(world.environment, trace_id=key, name="POST /pay")
    make_span(
        world.environment, trace_id=key, name="charge", service_name="bank", parent_span_id="1" * 16, span_id="2" * 16
    )
    assert "found by bank charge" in " ".join(read(developer.get(address, {"service": "bank"})).text.split())
    assert "found by" not in read(developer.get(address)).text


def test_a_root_that_was_not_received_is_said_to_be_missing(world, developer, address):
    assert "root not received" not in read(developer.get(address)).text
    make_span(world.environment, parent_span_id="9" * 16)
    assert "root not received" in read(developer.get(address)).text


def test_hostile_names_stand_as_text_with_what_cannot_be_seen_made_visible(world, developer, address):
    make_span(world.environment, name="<script>alert(1)</script>\u202e", service_name="\x1b[31m")
    response = developer.get(address)
    assert "<script>alert" not in response.content.decode()
    assert "[U+202E]" in read(response).text


def test_a_person_is_looked_for_by_form_and_the_address_names_the_pseudonym(world, developer, address):
    make_span(world.environment, name="theirs", user_key=stand_in(world.environment, "anna@example.org"))
    response = developer.post(address, {"user": "anna@example.org", "service": ""})
    assert response.status_code == 302
    assert "anna" not in response["Location"]
    page = read(developer.get(address + response["Location"]))
    assert [row.text for row in rows_of(page)] == ["theirs"]
    assert AccessEvent.objects.filter(action="search.user").count() == 1


def test_a_form_without_a_person_leads_to_an_address_too(developer, address):
    response = developer.post(address, {"service": "shop", "min": "", "status": "", "range": "6h"})
    assert response["Location"] == "?service=shop&range=6h"


@pytest.mark.parametrize("params", [{"min": "soon"}, {"since": "x"}, {"cursor": "x"}, {"status": "no"}])
def test_errors_are_told_on_the_page(developer, address, params):
    page = read(developer.get(address, params))
    assert page.all("p", role="alert")[0].text.startswith(next(iter(params)))


def test_without_any_trace_the_page_says_how_to_send_one(world, developer, address):
    Span.objects.all().delete()
    page = read(developer.get(address))
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in page.text
    make_span(world.environment)
    assert "No traces match" in read(developer.get(address, {"service": "nowhere"})).text


def test_an_environment_with_traces_switched_off_shows_none(world, developer, address):
    world.environment.tracing_enabled = False
    world.environment.save()
    page = read(developer.get(address))
    assert "Traces are switched off" in page.text
    assert rows_of(page) == []


def test_who_may_see_no_traces_gets_no_entry_and_no_page(world, developer, address):
    support = client_with(world.environment, "support")
    assert support.get(address).status_code == 404
    overview = reverse("overview", args=[world.slug])
    assert address not in read(support.get(overview)).links("Traces")
    assert address in read(developer.get(overview)).links("Traces")
