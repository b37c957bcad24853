"""Tokens over the API, and that a token does no more than it was made for."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client

from diagnostics.api import guessing
from diagnostics.core import clock
from diagnostics.core.access import Scope, held_perms, narrow, perms_anywhere, visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.models import AccessEvent, ApiToken
from diagnostics.tokens import find_token, issue_token, make_token, revoke_token
from tests.api.calling import Caller
from tests.factories import make_user
from tests.people import make_person, sign_in
from tests.world import make_world

ADDRESSES = {
    "/api/v1/logs?environment={0.slug}": Perm.VIEW_LOGS,
    "/api/v1/logs/{0.record.reference}?environment={0.slug}": Perm.VIEW_LOGS,
    "/api/v1/sessions/{0.session.pk}": Perm.VIEW_SESSIONS,
    "/api/v1/journeys/{0.journey.pk}": Perm.VIEW_SESSIONS,
    "/api/v1/incidents/{0.incident.pk}": Perm.VIEW_INCIDENTS,
    "/api/v1/rules/{0.rule.pk}": Perm.VIEW_INCIDENTS,
    "/api/v1/targets/{0.target.pk}": Perm.MANAGE_TARGETS,
}


@pytest.fixture(autouse=True)
def forget():
    caches["process"].clear()


@pytest.fixture
def other(db):
    return make_world("shop-two")


@pytest.fixture
def person(world, other):
    return make_person(is_superuser=True)


def with_token(person, **scope):
    token, text = issue_token(person, "tests", **scope)
    return token, Client(headers={"Authorization": f"Bearer {text}"})


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_token_opens_what_it_was_made_for_and_nothing_else(world, other, person, address):
    """Of a superuser, whom nothing else holds back."""
    needed = ADDRESSES[address]
    everything = {perm.value for perm in Perm}
    for allowed, scope in (
        (True, {}),
        (True, {"permissions": [needed]}),
        (False, {"permissions": everything - {needed}}),
        (True, {"environment": world.environment}),
        (False, {"environment": other.environment}),
        (True, {"environment": world.environment, "permissions": [needed]}),
        (False, {"environment": other.environment, "permissions": everything}),
        (False, {"permissions": []}),
    ):
        _, client = with_token(person, **scope)
        assert (client.get(address.format(world)).status_code == 200) == allowed, scope


def test_lists_hold_rows_of_its_environment_alone(world, other, person):
    world.furnish()
    _, client = with_token(person, environment=world.environment)
    for name in ("environments", "sessions", "journeys", "incidents", "rules", "targets"):
        text = client.get(f"/api/v1/{name}").content.decode()
        assert world.slug in text, name
        assert other.slug not in text, name


def test_a_scope_says_the_same_to_every_question(world, other):
    person = make_person(world.environment, "on-call")
    for place in (world, other):
        for scope in (Scope(frozenset({"view_logs", "erase_data"})), Scope(None, other.environment.pk), Scope()):
            narrow(person, scope)
            held = held_perms(person, place.environment)
            for perm in Perm:
                assert (perm in held) == visible_environments(person, perm).filter(pk=place.environment.pk).exists()
            assert bool(held) == visible_environments(person).filter(pk=place.environment.pk).exists()
            assert held <= perms_anywhere(person)


def test_it_never_grants_what_its_person_does_not_hold(world):
    viewer = make_person(world.environment, "viewer")
    _, client = with_token(viewer, permissions=[perm.value for perm in Perm])
    assert client.get(f"/api/v1/sessions/{world.session.pk}").status_code == 404


def test_one_makes_lists_and_revokes_tokens(world, person):
    caller = Caller(person)
    made = caller.post(
        "/api/v1/tokens", {"name": "backup", "days": 7, "permissions": ["view_logs"], "environment": world.slug}
    )
    assert made.status_code == 201, made.content
    assert made["Cache-Control"] == "no-store"
    token = ApiToken.objects.get(name="backup")
    assert (token.permissions, token.environment) == (["view_logs"], world.environment)
    text = made.json()["text"]
    assert find_token(text) == token
    own = Client(headers={"Authorization": f"Bearer {text}"})
    listed = own.get("/api/v1/tokens").json()["results"]
    assert [row["id"] for row in listed] == [token.pk]
    assert text not in str(listed)
    assert own.delete(f"/api/v1/tokens/{caller.token.pk}").status_code == 404
    assert own.delete(f"/api/v1/tokens/{token.pk}").status_code == 204
    assert own.get("/api/v1/tokens").status_code == 401
    events = AccessEvent.objects.filter(action__startswith="token.").order_by("id")
    assert [event.action for event in events] == ["token.create", "token.revoke"]
    assert [event.detail.get("token") for event in events] == [caller.token.prefix, token.prefix]
    assert text not in str([event.detail for event in events])


WRONG = [
    ({"name": ""}, "name"),
    ({"days": 8}, "days"),
    ({"permissions": ["be_king"]}, "permissions"),
    ({"permissions": []}, "permissions"),
    ({"permissions": ["erase_data"]}, "permissions"),
    ({"environment": "nowhere"}, "environment"),
    ({"environment": "shop-two"}, "environment"),
]


@pytest.mark.parametrize(("fields", "name"), WRONG)
def test_what_is_wrong_is_named(world, other, fields, name):
    caller = Caller(make_person(world.environment, "on-call"))
    answer = caller.post("/api/v1/tokens", {"name": "x", **fields})
    assert answer.status_code == 400
    assert list(answer.json()) == [name], answer.json()


def test_a_token_makes_none_that_can_do_more_or_lives_longer(world, other, person):
    parent, client = with_token(person, permissions=["view_logs", "view_traces"], environment=world.environment, days=3)

    def ask(**fields):
        return client.post("/api/v1/tokens", {"name": "child", "days": 365, **fields}, content_type="application/json")

    assert ask(permissions=["view_sessions"]).status_code == 400
    assert ask(environment=other.slug).status_code == 400
    made = ask()
    child = ApiToken.objects.get(pk=made.json()["id"])
    assert (child.permissions, child.environment) == (["view_logs", "view_traces"], world.environment)
    assert child.expires_at == parent.expires_at


def test_a_session_makes_one_with_a_recent_proof_alone(world, person, settings):
    client = sign_in(person)
    assert client.post("/api/v1/tokens", {"name": "x"}, content_type="application/json").status_code == 201
    settings.SUDO_SECONDS = 0
    assert client.post("/api/v1/tokens", {"name": "x"}, content_type="application/json").status_code == 403


def test_a_token_ends_with_its_time_and_its_person(person):
    token, client = with_token(person, days=7)
    assert client.get("/api/v1/tokens").status_code == 200
    assert ApiToken.objects.get(pk=token.pk).last_used_at is not None
    with time_machine.travel(clock.now() + timedelta(days=7, seconds=1), tick=False):
        assert client.get("/api/v1/tokens").status_code == 401
    person.is_active = False
    person.save()
    assert client.get("/api/v1/tokens").status_code == 401


def test_guessing_is_slowed_down(person, monkeypatch):
    monkeypatch.setattr(guessing, "MOST", 3)
    _, good = with_token(person)
    for _ in range(3):
        assert Client(headers={"Authorization": "Bearer dt_guess"}).get("/api/v1/tokens").status_code == 401
    answer = Client(headers={"Authorization": "Bearer dt_guess"}).get("/api/v1/tokens")
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert good.get("/api/v1/tokens", REMOTE_ADDR="192.0.2.1").status_code == 200


def test_making_is_throttled(person, monkeypatch):
    from diagnostics.api.tokens import TokenThrottle

    monkeypatch.setattr(TokenThrottle, "rate", "2/hour")
    caller = Caller(person)
    assert [caller.post("/api/v1/tokens", {"name": "x"}).status_code for _ in range(3)] == [201, 201, 429]


def test_what_a_token_reveals_or_changes_names_the_token(world, person):
    token, client = with_token(person)
    client.patch(f"/api/v1/rules/{world.rule.pk}", {"threshold": 3}, content_type="application/json")
    assert AccessEvent.objects.filter(action="rule.change").latest("id").detail["token"] == token.prefix


def test_the_verb_refuses_more_than_a_bounded_number(db, monkeypatch):
    from diagnostics import tokens

    monkeypatch.setattr(tokens, "MOST_TOKENS", 1)
    user = make_user()
    make_token(user, "one", 7)
    with pytest.raises(ValueError, match="revoke one first"):
        make_token(user, "two", 7)


def test_what_a_token_made_ends_with_it(world, person):
    first = Caller(person)
    second = first.post("/api/v1/tokens", {"name": "second", "days": 30}).json()
    client = Client(headers={"Authorization": f"Bearer {second['text']}"})
    third = client.post("/api/v1/tokens", {"name": "third", "days": 30}, content_type="application/json").json()
    others = Client(headers={"Authorization": f"Bearer {third['text']}"})
    assert others.get("/api/v1/environments").status_code == 200
    revoke_token(first.token)
    assert client.get("/api/v1/environments").status_code == 401
    assert others.get("/api/v1/environments").status_code == 401
