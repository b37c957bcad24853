"""The timeline of a person, a journey, a trace or a request: found by id, for who may see sessions, in one environment."""

from datetime import timedelta

import pytest
from django.urls import reverse
from guardian.shortcuts import assign_perm

from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.models import AccessEvent
from diagnostics.pipeline.pseudonym import user_key
from diagnostics.privacy.pseudonyms import present_key
from tests.people import client_with, make_person, sign_in
from tests.views.reading import read
from tests.world import make_record, make_session, make_span, make_world

HEX = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def world(db):
    return make_world("shop-one")


@pytest.fixture
def address(world):
    return reverse("timeline", args=[world.slug])


@pytest.fixture
def support(world):
    return client_with(world.environment, "support")


def rows(page):
    return [element.text for element in page.all("div") if "row" in element.attributes.get("class", "").split()]


@pytest.mark.parametrize(
    ("kind", "value", "column"),
    [
        ("journey", "order-7", "journey_id"),
        ("request", "req-1", "request_id"),
        ("trace", HEX, "trace_id"),
        ("user", "u" * 32, "user_key"),
    ],
)
def test_what_has_the_id_is_shown_of_this_environment_alone(world, support, address, kind, value, column):
    value = user_key(present_key(world.environment), "jane") if kind == "user" else value
    other = make_world("shop-two")
    for environment, body in ((world.environment, "happened here"), (other.environment, "happened elsewhere")):
        make_record(environment, body=body, has_restricted=False, **{column: value})
    make_record(world.environment, body="another's", has_restricted=False)
    page = read(support.get(address, {kind: value}))
    assert "happened here" in page.text
    assert "happened elsewhere" not in page.text
    assert "another's" not in page.text
    assert support.get(reverse("timeline", args=[other.slug]), {kind: value}).status_code == 404


@pytest.mark.parametrize(
    ("kind", "value"), [("trace", "a/b"), ("trace", HEX + "/"), ("trace", "{" + HEX + "}"), ("journey", "a\nb")]
)
def test_what_is_typed_as_an_id_breaks_no_link(world, address, kind, value):
    on_call = client_with(world.environment, "on-call")
    assert on_call.get(address, {kind: value}).status_code == 200


def test_a_raw_id_leads_to_its_pseudonym_and_looking_is_written_down(world, support, address):
    key = user_key(present_key(world.environment), "jane@example.com")
    make_session(world.environment, session_id="hers", user_key=key)
    make_record(world.environment, body="what she did", user_key=key, session_id="hers", has_restricted=False)
    answer = support.post(address, {"user": "jane@example.com", "range": "7d"})
    assert answer.status_code == 302
    assert "jane" not in answer["Location"]
    page = read(support.get(address + answer["Location"]))
    assert "what she did" in page.text
    assert "Session began" in page.text
    assert "jane" not in page.html
    assert AccessEvent.objects.filter(action="search.user").count() == 1


def test_the_time_is_a_range_or_around_the_record_that_a_link_points_at(world, support, address):
    long_ago = clock.now() - timedelta(days=5)
    record = make_record(
        world.environment, timestamp=long_ago, body="days ago", request_id="req-1", has_restricted=False
    )
    assert "Nothing in this time" in read(support.get(address, {"request": "req-1"})).text
    assert "days ago" in read(support.get(address, {"request": "req-1", "range": "7d"})).text
    found = read(support.get(address, {"request": "req-1", "at": record.reference}))
    assert [element.attributes["id"] for element in found.all("div", class_="row is-error is-here")] == [
        f"r{record.reference}"
    ]
    since = (long_ago - timedelta(hours=1)).isoformat()
    until = (long_ago + timedelta(hours=1)).isoformat()
    assert "days ago" in read(support.get(address, {"request": "req-1", "since": since, "until": until})).text


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"trace": "xyz"}, "trace: use 32 hex digits"),
        ({"request": "r", "t": "soon"}, "t: use milliseconds"),
        ({"request": "r", "cursor": "mine"}, "cursor: not one"),
        ({"request": "r", "since": "yesterday"}, "since: not a time"),
        ({"request": "r", "at": "9999999999999999-1"}, ""),
        ({"request": "r", "at": "253402300799000000-1"}, ""),
    ],
)
def test_a_bad_address_says_what_is_wrong(support, address, params, told):
    answer = support.get(address, params)
    assert answer.status_code == 200
    assert told in read(answer).text


def test_what_may_belong_to_no_session_is_for_who_may_see_logs(world, address):
    make_record(world.environment, body="a request of nobody", request_id="req-1", journey_id="j", has_restricted=False)
    person = make_person()
    assign_perm(Perm.VIEW_SESSIONS, person, world.environment)
    client = sign_in(person)
    page = read(client.get(address, {"request": "req-1"}))
    assert "a request of nobody" not in page.text
    assert not page.all("input", name="request")
    assert "a request of nobody" in read(client.get(address, {"journey": "j"})).text
    assign_perm(Perm.VIEW_LOGS, person, world.environment)
    assert "a request of nobody" in read(client.get(address, {"request": "req-1"})).text


def test_spans_are_for_who_may_see_traces(world, address):
    make_span(world.environment, request_id="req-1", name="charge the card")
    shown = {"request": "req-1"}
    assert "charge the card" not in read(client_with(world.environment, "support").get(address, shown)).html
    assert "charge the card" in read(client_with(world.environment, "developer").get(address, shown)).html


def test_without_an_id_the_page_says_what_to_do(support, address):
    assert "One id, everything it touched" in read(support.get(address)).text


def test_a_record_without_a_session_leads_to_its_request(world, support):
    record = make_record(world.environment, request_id="req 9", session_id="", has_restricted=False)
    page = read(support.get(reverse("log-detail", args=[world.slug, record.reference])))
    (link,) = page.links("Its request")
    assert rows(read(support.get(link)))


def test_links_of_the_page_keep_who_it_is_of(monkeypatch, world, support, address):
    monkeypatch.setattr("sessions_app.timeline.ROWS", 2)
    for number in range(5):
        make_record(world.environment, request_id="req-1", body=f"step {number}", has_restricted=False)
    page = read(support.get(address, {"request": "req-1", "range": "1h"}))
    seen = len(rows(page))
    while page.links("Later"):
        page = read(support.get(address + page.links("Later")[0]))
        seen += len(rows(page))
    assert seen == 5
    (mark, *_) = [link for link in page.links() if "&t=" in link]
    assert rows(read(support.get(address + mark.split("#")[0])))
