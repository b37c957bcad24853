"""Traces over the API."""

import pytest

from diagnostics.models import AccessEvent
from diagnostics.privacy.pseudonyms import stand_in
from tests.api.calling import caller_with, every
from tests.world import begin_world, make_span

pytestmark = pytest.mark.django_db
LIST, SEARCH = "/api/v1/traces", "/api/v1/traces/search"


@pytest.fixture
def world():
    return begin_world("shop-one")


@pytest.fixture
def caller(world):
    return caller_with(world.environment, "developer")


def test_a_list_goes_on_page_after_page(world, caller):
    for number in range(4):
        make_span(world.environment, name=f"GET /{number}")
    found = every(caller, LIST, environment=world.slug, limit=2)
    assert len(found) == 5
    assert len({trace["trace_id"] for trace in found}) == 5
    assert found[0] | {"began": "", "user_key": ""} == {
        "trace_id": found[0]["trace_id"], "began": "", "duration_ms": 5.0, "name": "GET /3", "service_name": "shop",
        "services": ["shop"], "has_root": True, "spans": 1, "errors": 0, "session_id": "s-1", "user_key": "",
        "found": found[0]["found"],
    }  # fmt: skip
    assert found[0]["found"]["name"] == "GET /3"


def test_a_person_is_named_in_the_body_and_next_names_the_pseudonym(world, caller):
    key = stand_in(world.environment, "anna@example.org")
    for _ in range(3):
        make_span(world.environment, user_key=key)
    answer = caller.post(SEARCH, {"environment": world.slug, "user": "anna@example.org", "limit": 2}).json()
    assert len(answer["results"]) == 2
    assert "anna" not in answer["next"]
    assert len(caller.get(answer["next"]).json()["results"]) == 1
    assert AccessEvent.objects.filter(action="search.user").exists()


def test_one_trace_is_its_spans(world, caller):
    make_span(world.environment, trace_id=world.span.trace_id, span_id="2" * 16, parent_span_id="1" * 16)
    answer = caller.get(f"{LIST}/{world.span.trace_id.hex}", environment=world.slug).json()
    assert {span["span_id"] for span in answer["results"]} == {"1" * 16, "2" * 16}
    for unknown in ("0" * 32, "no-id"):
        assert caller.get(f"{LIST}/{unknown}", environment=world.slug).status_code == 404


def test_errors_name_what_is_wrong(world, caller):
    assert "limit" in caller.get(LIST, environment=world.slug, limit=101).json()["detail"]
    assert "min" in caller.get(LIST, environment=world.slug, min="x").json()["detail"]
    assert "environment" in caller.get(LIST).json()
    world.environment.tracing_enabled = False
    world.environment.save()
    assert "switched off" in caller.get(LIST, environment=world.slug).json()["environment"][0]
