"""The controls of a page's time, the same on every page that has one: tabs, two moments, and the ways beside them."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.models import MinuteRollup
from tests.people import client_with
from tests.views.reading import read
from tests.world import make_record, make_session, make_span, make_template

PAGES = ("overview", "logs", "patterns", "sessions", "traces")
SINCE, UNTIL = "2030-01-31T08:00:00Z", "2030-01-31T10:00:00Z"


@pytest.fixture
def ask(world):
    client = client_with(world.environment, "developer")
    return lambda name, **params: read(client.get(reverse(name, args=[world.slug]), params))


def only_link(page, text):
    (found,) = page.links(text)
    return parse_qs(found[1:])


@pytest.mark.parametrize("name", PAGES)
def test_the_time_is_chosen_by_a_form_without_script_in_utc(ask, name):
    page = ask(name, since=SINCE, until=UNTIL, service="shop")
    fields = {field.attributes["name"]: field.attributes for field in page.all("input", type="datetime-local")}
    assert fields["since"]["value"] == "2030-01-31T08:00:00"
    assert fields["until"]["value"] == "2030-01-31T10:00:00"
    assert [span.text for span in page.all("span") if "data-zone-name" in span.attributes] == ["UTC", "UTC"]
    form = next(form for form in page.all("form") if "data-moments" in form.attributes)
    assert form.attributes["method"] == "get"
    assert form.attributes.get("action") is None


@pytest.mark.parametrize("name", PAGES)
def test_a_given_time_is_a_chip_with_ways_earlier_later_out_and_back(ask, name):
    page = ask(name, since=SINCE.replace("2030", "2020"), until=UNTIL.replace("2030", "2020"))
    assert "31 Jan 08:00 to 31 Jan 10:00" in " ".join(page.text.split())
    assert only_link(page, "‹ earlier")["since"] == ["2020-01-31T07:00:00Z"]
    assert only_link(page, "later ›")["until"] == ["2020-01-31T11:00:00Z"]
    assert only_link(page, "zoom out")["until"] == ["2020-01-31T11:00:00Z"]
    (back,) = [link for link in page.all("a") if link.attributes.get("title", "").startswith("Back to the last")]
    assert "since" not in back.attributes["href"]
    assert page.all("a", aria_current="page")[-1].text not in ("1h", "24h")


@pytest.mark.parametrize("name", PAGES)
def test_a_range_back_from_now_has_no_chip(ask, name):
    page = ask(name, range="6h")
    assert page.links("‹ earlier") == []
    assert "6h" in [link.text for link in page.all("a", aria_current="page")]


@pytest.mark.parametrize("name", PAGES)
def test_what_is_wrong_with_a_time_is_told_and_the_page_goes_on(ask, name):
    page = ask(name, since=UNTIL, until=SINCE)
    (said,) = page.all("p", role="alert")
    assert said.text == "until: choose a time after since"
    (said,) = ask(name, since="now-ish").all("p", role="alert")
    assert said.text.startswith("since: not a time")


def test_the_way_later_ends_at_now(ask):
    now = clock.now()
    page = ask("logs", since=(now - timedelta(hours=1)).isoformat(), until=(now + timedelta(minutes=1)).isoformat())
    assert page.links("later ›") == []


def test_other_parameters_stay_when_the_time_changes_and_the_place_in_the_list_goes(ask):
    page = ask("sessions", show="errors", service="shop", since=SINCE, until=UNTIL)
    assert len(page.all("input", type="hidden", name="show", value="errors")) == 2  # of the search and of the time
    assert only_link(page, "zoom out")["service"] == ["shop"]
    found = ask("traces", service="nowhere", cursor="W10", since=SINCE, until=UNTIL)
    assert "cursor" not in only_link(found, "zoom out")


def in_march(minute=0):
    return datetime(2026, 3, 4, 12, minute, tzinfo=UTC)


def test_each_page_shows_what_lies_in_the_time_alone(world, ask):
    environment = world.environment
    inside = {"since": "2026-03-04T11:00", "until": "2026-03-04T13:00"}
    make_record(environment, body="a record of March", timestamp=in_march(), has_restricted=False)
    make_span(environment, name="a span of March", timestamp=in_march())
    make_session(environment, session_id="march", started_at=in_march(), last_seen_at=in_march(5))
    make_session(environment, session_id="goes-on", started_at=in_march(), last_seen_at=clock.now())
    make_session(environment, session_id="came-later", started_at=in_march() + timedelta(days=1))
    assert "a record of March" in ask("logs", **inside).text
    assert "a record of March" not in ask("logs", since="2026-03-04T13:00", until="2026-03-04T14:00").text
    assert "a span of March" in ask("traces", **inside).text
    sessions = ask("sessions", **inside).text
    assert "march" in sessions
    assert "goes-on" in sessions
    assert "came-later" not in sessions


def test_the_overview_of_a_past_time_sums_that_and_does_not_refresh(world, ask):
    MinuteRollup.objects.create(
        environment=world.environment, minute=in_march(), source="log", service_name="old-shop", records=77
    )
    page = ask("overview", since="2026-03-04T11:00", until="2026-03-04T13:00")
    assert "old-shop" in page.text
    assert not [part for part in page.elements if "hx-get" in part.attributes and part.tag == "div"]
    assert next(part for part in ask("overview").elements if part.attributes.get("id") == "overview").attributes[
        "hx-get"
    ]


def test_patterns_of_a_past_time_are_counted_in_it(world, ask, monkeypatch):
    make_template(world.environment, "order <*> paid", records=3)
    now = clock.now()
    monkeypatch.setattr("diagnostics.core.clock.now", lambda: now + timedelta(days=3))
    assert "order" not in ask("patterns", range="1h").text
    page = ask("patterns", since=(now - timedelta(hours=1)).isoformat(), until=(now + timedelta(hours=1)).isoformat())
    assert "order" in page.text
