"""Records counted by a field, over the API."""

from datetime import datetime

import pytest

from diagnostics.models import AccessEvent, LogRecord
from diagnostics.privacy.pseudonyms import stand_in
from tests.api.calling import caller_with
from tests.world import begin_world, make_record

pytestmark = pytest.mark.django_db
COUNTS, SEARCH = "/api/v1/logs/counts", "/api/v1/logs/counts/search"


@pytest.fixture
def world():
    return begin_world("shop-one")


@pytest.fixture
def caller(world):
    LogRecord.objects.all().delete()
    for tenant, level in (("a", 17), ("a", 9), ("b", 9)):
        make_record(world.environment, attributes={"tenant": tenant}, severity_number=level, duration_ms=20.0)
    make_record(world.environment, attributes={})
    return caller_with(world.environment, "viewer")


def test_values_come_with_their_numbers_and_conditions(world, caller):
    answer = caller.get(COUNTS, environment=world.slug, by="@tenant", range="6h").json()
    assert (answer["by"], answer["records"], answer["without"], answer["values"], answer["since"]) == (
        "@tenant",
        4,
        1,
        2,
        None,
    )
    first = answer["results"][0]
    assert {**first, "last_seen": "", "counts": sum(first["counts"])} == {
        "value": "a", "records": 2, "error_records": 1, "p95_ms": 20.0, "last_seen": "", "counts": 2, "query": "@tenant:a",
    }  # fmt: skip
    assert answer["step_seconds"] * len(first["counts"]) >= 6 * 3600
    assert datetime.fromisoformat(answer["start"]).tzinfo is not None
    one = caller.get(COUNTS, environment=world.slug, by="@tenant", limit=1, order="errors", q="level:error").json()
    assert [group["value"] for group in one["results"]] == ["a"]


def test_services_are_counted_where_nothing_else_is_asked_for(world, caller):
    answer = caller.get(COUNTS, environment=world.slug).json()
    assert [(group["value"], group["records"]) for group in answer["results"]] == [("shop", 4)]


def test_a_person_is_named_in_the_body_and_the_search_is_written_down(world, caller):
    key = stand_in(world.environment, "anna@example.org")
    make_record(world.environment, user_key=key, release="7")
    body = {"environment": world.slug, "user": "anna@example.org", "by": "release"}
    answer = caller.post(SEARCH, body).json()
    assert [(group["value"], group["records"]) for group in answer["results"]] == [("7", 1)]
    assert AccessEvent.objects.filter(action="search.user").exists()


@pytest.mark.parametrize(("wrong", "named"), [
    ({"by": "x"}, "by: 'x' is no field"), ({"by": ""}, "by: '' is no field"), ({"by": "route", "order": "x"}, "order: use records"),
    ({"by": "route", "limit": 201}, "limit"), ({"by": "route", "q": '"'}, "quotation mark"),
])  # fmt: skip
def test_errors_name_what_is_wrong(world, caller, wrong, named):
    answer = caller.get(COUNTS, environment=world.slug, **wrong)
    assert answer.status_code == 400
    assert named in answer.json()["detail"]
