"""Releases over the API."""

from datetime import timedelta

import pytest
from django.test import Client

from diagnostics.tokens import issue_token
from tests.api.calling import caller_with, every
from tests.people import make_person
from tests.releases.telling import deploy, tell
from tests.world import begin_world, make_error, make_session

pytestmark = pytest.mark.django_db
LIST = "/api/v1/releases"
HOUR = timedelta(hours=1)


def test_a_release_stands_with_its_figures_against_the_one_before(world, viewer):
    deploy(world.environment)
    make_error(world.environment, service_name="checkout", first_release="2.4.1")
    newest, oldest = viewer.get(LIST, environment=world.slug).json()["results"]
    assert newest | {"came": ""} == {
        "service": "checkout", "release": "2.4.1", "came": "", "is_first": False, "before": "2.4.0",
        "compared_with": "2.4.0", "presence": "quiet",
        "share": 0.0, "requests": 1000, "failed": 31, "failed_share": 0.031, "p95_ms": None, "records": 0,
        "error_records": 0, "error_share": None, "new_errors": 1, "sessions": None, "verdict": "worse",
        "changes": [{"signal": "failed", "before": 0.002, "after": 0.031, "verdict": "worse"}],
    }  # fmt: skip
    assert (oldest["release"], oldest["is_first"], oldest["verdict"]) == ("2.4.0", True, "not_compared")


def test_it_says_what_it_is_compared_with_and_that_a_new_error_is_fatal(world, viewer):
    tell(world.environment, "2.4.0", 9 * HOUR, requests=1000, failures=7)
    tell(world.environment, "2.4.1", timedelta(hours=3, minutes=2), requests=100, failures=70)
    tell(world.environment, "2.4.2", 3 * HOUR, requests=1000, failures=7)
    make_error(world.environment, service_name="checkout", first_release="2.4.2", is_fatal=True)
    newest = viewer.get(LIST, environment=world.slug).json()["results"][0]
    assert (newest["before"], newest["compared_with"], newest["verdict"]) == ("2.4.1", "2.4.0", "worse")
    assert newest["changes"][-1] == {"signal": "fatal", "before": 0.0, "after": 1.0, "verdict": "worse"}


def test_sessions_are_told_to_who_may_see_them(world, viewer):
    deploy(world.environment)
    make_session(world.environment, session_id="s", release="2.4.1", services=["checkout"], crashed=True)
    assert viewer.get(LIST, environment=world.slug).json()["results"][0]["sessions"] is None
    support = caller_with(world.environment, "support")
    found = support.get(LIST, environment=world.slug).json()["results"][0]["sessions"]
    assert found == {"sessions": 1, "crashed": 1, "crash_free": 0.0}


def test_it_is_cut_and_read_page_by_page(world, viewer):
    for number in range(5):
        tell(world.environment, f"1.{number}", (6 - number) * HOUR, requests=5)
    deploy(world.environment, service="pay")
    assert len(viewer.get(LIST, environment=world.slug, service="pay").json()["results"]) == 2
    assert len(viewer.get(LIST, environment=world.slug, release="1.3").json()["results"]) == 1
    assert len(every(viewer, LIST, environment=world.slug, limit=3)) == 7
    assert viewer.get(LIST, environment=world.slug, range="15m").json()["results"] == []


@pytest.mark.parametrize(
    ("name", "value"), [("limit", "101"), ("limit", "x"), ("cursor", "x"), ("since", "x"), ("until", "1970-01-01x")]
)
def test_what_cannot_be_understood_is_named(world, viewer, name, value):
    answer = viewer.get(LIST, environment=world.slug, **{name: value})
    assert answer.status_code == 400
    assert name in answer.json()["detail"]


def test_an_environment_must_be_named_and_be_ones_own(world, viewer):
    other = begin_world("shop-two")
    assert viewer.get(LIST).status_code == 400
    for slug in (other.slug, "nowhere"):
        assert viewer.get(LIST, environment=slug).status_code == 404


def test_sessions_are_cut_by_release_and_service(world):
    support = caller_with(world.environment, "support")
    make_session(world.environment, session_id="in-it", release="2", services=["pay"])
    make_session(world.environment, session_id="elsewhere", release="2", services=["web"])
    make_session(world.environment, session_id="older", release="1", services=["pay"])

    def found(**params):
        return {row["session_id"] for row in support.get("/api/v1/sessions", **params).json()["results"]}

    assert found(release="2") == {"in-it", "elsewhere"}
    assert found(release="2", service="pay") == {"in-it"}
    posted = support.post("/api/v1/sessions/search", {"environment": world.slug, "release": "1", "service": "pay"})
    assert [row["session_id"] for row in posted.json()["results"]] == ["older"]


def test_a_session_is_of_each_release_that_it_touched_and_its_state_is_of_what_befell_it_there(world):
    support = caller_with(world.environment, "support")
    web, fine, bad = {"web": {"1.9.2": {}}}, {"checkout": {"2.4.2": {}}}, {"errors": True, "crashed": True}
    both = {"services": ["checkout", "web"], "release": "1.9.2"}
    make_session(world.environment, session_id="fine", releases=web | fine, errors=0, **both)
    make_session(
        world.environment, session_id="crashed", releases=web | {"checkout": {"2.4.2": bad}}, crashed=True, **both
    )

    def found(**params):
        return [row["session_id"] for row in support.get("/api/v1/sessions", **params).json()["results"]]

    assert sorted(found(release="1.9.2")) == sorted(found(release="2.4.2")) == ["crashed", "fine"]
    assert found(release="2.4.2", state="crashed") == found(release="2.4.2", service="checkout", state="errors")
    assert found(release="2.4.2", state="crashed") == ["crashed"]
    assert found(release="1.9.2", state="crashed") == found(release="1.9.2", state="errors") == []
    assert found(release="2.4.2", service="web") == []
    row = support.get("/api/v1/sessions", session="crashed").json()["results"][0]
    assert row["releases"] == [
        {"service": "web", "release": "1.9.2", "has_errors": False, "crashed": False},
        {"service": "checkout", "release": "2.4.2", "has_errors": True, "crashed": True},
    ]


@pytest.mark.parametrize("name", ['it\'s "quoted"', "50% \\ $.* @", "äö漢🙂", "a\nb"])
def test_a_session_is_found_by_a_release_of_any_name(world, name):
    make_session(world.environment, session_id="odd", services=["web"], releases={"web": {name: {"errors": True}}})
    support = caller_with(world.environment, "support")
    for params in ({}, {"state": "errors"}, {"service": "web"}):
        found = support.get("/api/v1/sessions", release=name, **params).json()["results"]
        assert [row["session_id"] for row in found] == ["odd"]


def test_errors_are_cut_to_those_that_a_release_brought(world, viewer):
    make_error(world.environment, "brought", first_release="2", releases=["2"])
    make_error(world.environment, "older", first_release="1", releases=["2", "1"])
    found = viewer.get("/api/v1/errors", environment=world.slug, first_release="2").json()["results"]
    assert [row["title"] for row in found] == ["brought"]


def test_a_token_of_logs_alone_is_told_nothing_of_sessions(world):
    person = make_person(world.environment, "support")
    deploy(world.environment)
    make_session(world.environment, session_id="s", release="2.4.1", services=["checkout"])
    _, text = issue_token(person, "narrow", permissions=["view_logs"])
    client = Client(headers={"Authorization": f"Bearer {text}"})
    found = client.get(LIST, query_params={"environment": world.slug}).json()["results"]
    assert [row["sessions"] for row in found] == [None, None]
