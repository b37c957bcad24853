"""Journeys over the API: cut by what they touched and by how they ended, as their environment says it."""

from datetime import timedelta

import pytest

from diagnostics.core import clock
from tests.api.calling import Caller
from tests.people import make_person
from tests.world import begin_world, make_journey


@pytest.fixture
def world(db):
    return begin_world("shop-one")


@pytest.fixture
def support(world):
    return Caller(make_person(world.environment, "support"))


@pytest.fixture
def planted(world):
    environment, long_ago = world.environment, clock.now() - timedelta(hours=3)
    sound = {"failed": False, "errors": 0}
    make_journey(environment, journey_id="good", completed_at=clock.now(), services=["db"], **sound)
    make_journey(environment, journey_id="left", started_at=long_ago, last_seen_at=long_ago, **sound)
    make_journey(environment, journey_id="crash", crashed=True)


def found(caller, **params):
    answer = caller.get("/api/v1/journeys", **params)
    assert answer.status_code == 200, answer.text
    return {row["journey_id"]: row["outcome"] for row in answer.json()["results"]}


def test_they_are_cut_by_id_service_and_trouble(support, planted):
    assert found(support) == {"good": "", "left": "", "crash": "", "j-1": ""}
    assert found(support, journey="left") == {"left": ""}
    assert found(support, service="db") == {"good": ""}
    assert set(found(support, state="errors")) == {"crash", "j-1"}
    assert set(found(support, state="crashed")) == {"crash"}


def test_how_they_ended_is_said_where_the_environment_says_what_ends_one(world, support, planted):
    one = {"environment": world.slug}
    assert found(support, outcome="completed", **one) == {}
    policy = world.environment.privacy_policy
    policy.journey_ends = "event:order.placed"
    policy.save()
    assert found(support) == {"good": "completed", "left": "abandoned", "crash": "failed", "j-1": "failed"}
    assert found(support, outcome="abandoned", **one) == {"left": "abandoned"}
    assert found(support, outcome="completed", **one) == {"good": "completed"}
    posted = support.post("/api/v1/journeys/search", {**one, "outcome": "failed", "state": "crashed"})
    assert [row["journey_id"] for row in posted.json()["results"]] == ["crash"]


@pytest.mark.parametrize(
    ("params", "field"),
    [({"outcome": "completed"}, "environment"), ({"outcome": "x", "environment": "shop-one"}, "outcome")],
)
def test_what_is_wrong_is_named(support, params, field):
    answer = support.get("/api/v1/journeys", **params)
    assert answer.status_code == 400
    assert field in answer.text


def test_an_outcome_in_an_environment_of_others_finds_nothing(support, planted):
    other = begin_world("shop-two")
    assert support.get("/api/v1/journeys", environment=other.slug, outcome="failed").status_code == 404
