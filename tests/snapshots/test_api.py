"""Snapshots over the API."""

import json

import pytest

from diagnostics.environments import create_environment
from diagnostics.models import AccessEvent
from sessions_app.models import Snapshot
from tests.api.calling import Caller, every
from tests.people import make_person
from tests.world import begin_world, make_record, make_snapshot, make_span

pytestmark = pytest.mark.django_db
LIST = "/api/v1/snapshots"


@pytest.fixture
def world(db):
    return begin_world("shop-one")


@pytest.fixture
def on_call(world):
    return Caller(make_person(world.environment, "on-call"))


def test_the_list_is_cut_and_without_stories(world, on_call):
    environment = world.environment
    make_snapshot(make_record(environment, service_name="till", fingerprint="f1"), is_news=True)
    make_snapshot(make_record(environment, service_name="cart", user_key="a" * 32), Snapshot.Reason.BY_HAND)

    def services(**params):
        return [row["service_name"] for row in every(on_call, LIST, **params)]

    assert services() == ["cart", "till"]
    assert services(reason="by_hand") == services(service="cart") == ["cart"]
    assert services(reason="new_error") == services(fingerprint="f1") == ["till"]
    assert services(environment=world.slug, user="a" * 32) == ["cart"]
    assert on_call.get(LIST, environment="elsewhere").status_code == 404
    assert AccessEvent.objects.filter(action="search.user").count() == 1
    row = on_call.get(LIST).json()["results"][0]
    assert {"content", "user_keys", "session_ids", "taken_by_id"} & set(row) == set()


def test_a_raw_user_id_has_no_place_in_an_address(world, on_call):
    for params in ({"user": "jane@example.com", "environment": world.slug}, {"user": "a" * 32}):
        answer = on_call.get(LIST, **params)
        assert answer.status_code == 400
        assert "pseudonym" in answer.text


def test_one_is_as_whole_as_its_reader_may_see(world, on_call):
    make_span(world.environment, name="GET /only-for-some")
    snapshot = make_snapshot(make_record(world.environment, attributes={"plan": "gold"}))
    row = on_call.get(f"{LIST}/{snapshot.pk}").json()
    assert (row["is_whole"], row["left_out"], row["sha256"]) == (True, [], snapshot.digest)
    assert row["content"] == json.loads(snapshot.content)
    support = Caller(make_person(world.environment, "support")).get(f"{LIST}/{snapshot.pk}").json()
    assert (support["left_out"], support["content"]["spans"]) == (["spans"], [])
    Snapshot.objects.filter(pk=snapshot.pk).update(content="{}")
    assert on_call.get(f"{LIST}/{snapshot.pk}").json()["is_whole"] is False


def test_keeping_one(world, on_call):
    made = on_call.post(LIST, {"environment": world.slug, "record": world.record.reference, "note": "see ticket 12"})
    assert made.status_code == 201, made.text
    assert (made.json()["reason"], made.json()["note"]) == ("by_hand", "see ticket 12")
    assert AccessEvent.objects.filter(action="snapshot.take").count() == 1
    again = on_call.post(LIST, {"environment": world.slug, "session": "s-1"})
    assert again.json()["record"] == world.record.reference


def test_what_cannot_be_kept_says_why(world, on_call):
    reference = world.record.reference
    wrong = [
        ({}, "environment"),
        ({"environment": world.slug}, "either a record or a session"),
        ({"environment": world.slug, "record": reference, "session": "s-1"}, "either a record or a session"),
        ({"environment": world.slug, "record": "nonsense"}, "no such record"),
        ({"environment": world.slug, "session": "nonsense"}, "no such record"),
        ({"environment": "elsewhere", "record": reference}, "no such environment"),
        ({"environment": world.slug, "record": reference, "note": "x" * 501}, "note"),
    ]
    for body, said in wrong:
        answer = on_call.post(LIST, body)
        assert (answer.status_code, said in answer.text) == (400, True), (body, answer.text)
    world.environment.snapshots_enabled = False
    world.environment.save()
    assert "switched off" in on_call.post(LIST, {"environment": world.slug, "record": reference}).text
    assert not Snapshot.objects.exists()


def test_who_may_not_gets_nothing(world):
    other = create_environment("shop-two")
    snapshot = make_snapshot(world.record)
    body = {"environment": world.slug, "record": world.record.reference}
    for role, place in (("viewer", world.environment), ("support", world.environment), ("on-call", other)):
        caller = Caller(make_person(place, role))
        assert caller.post(LIST, body).status_code == 400, role
        sees = (role, place) == ("support", world.environment)
        assert (caller.get(f"{LIST}/{snapshot.pk}").status_code == 200) == sees, role
        assert bool(caller.get(LIST).json()["results"]) == sees, role
    assert Snapshot.objects.count() == 1
