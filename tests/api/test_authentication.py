"""Who the API lets in: a token that works, or a session with its CSRF token."""

from datetime import timedelta

import pytest
from django.test import Client

from diagnostics.core import clock
from diagnostics.models import ApiToken
from diagnostics.tokens import revoke_token
from tests.api.calling import Caller
from tests.factories import make_key
from tests.people import make_person, sign_in

ADDRESS = "/api/v1/environments"


def expire(caller, world):
    ApiToken.objects.update(expires_at=clock.now() - timedelta(seconds=1))


def leave(caller, world):
    caller.person.is_active = False
    caller.person.save()


SPOILERS = {
    "revoked": lambda caller, world: revoke_token(caller.token),
    "expired": expire,
    "of somebody inactive": leave,
    "unknown": lambda caller, world: caller.client.defaults.update(HTTP_AUTHORIZATION="Bearer dt_unknown"),
    "empty": lambda caller, world: caller.client.defaults.update(HTTP_AUTHORIZATION="Bearer"),
    "cut": lambda caller, world: caller.client.defaults.update(HTTP_AUTHORIZATION=f"Bearer {caller.text[:-1]}"),
    "too long": lambda caller, world: caller.client.defaults.update(HTTP_AUTHORIZATION=f"Bearer {caller.text * 9}"),
    "no ascii": lambda caller, world: caller.client.defaults.update(HTTP_AUTHORIZATION="Bearer d\xfct\u0000"),
    "an ingest key": lambda caller, world: caller.client.defaults.update(
        HTTP_AUTHORIZATION=f"Bearer {make_key(world.environment)}"
    ),
    "not given": lambda caller, world: caller.client.defaults.pop("HTTP_AUTHORIZATION"),
    "of another scheme": lambda caller, world: caller.client.defaults.update(HTTP_AUTHORIZATION=f"Basic {caller.text}"),
}


@pytest.mark.parametrize("spoiler", SPOILERS)
def test_a_token_that_does_not_work_is_answered_alike(spoiler, world, viewer):
    assert [row["slug"] for row in viewer.get(ADDRESS).json()["results"]] == [world.slug]
    SPOILERS[spoiler](viewer, world)
    for answer in (viewer.get(ADDRESS), viewer.post(f"/api/v1/incidents/{world.incident.pk}/resolve")):
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
        assert world.slug not in answer.content.decode()


def test_the_scheme_is_read_without_regard_to_case(viewer):
    viewer.client.defaults["HTTP_AUTHORIZATION"] = f"bEARER  {viewer.text} "
    assert viewer.get(ADDRESS).status_code == 200


def test_use_is_noted_to_the_minute(viewer):
    viewer.get(ADDRESS)
    first = ApiToken.objects.get().last_used_at
    viewer.get(ADDRESS)
    assert ApiToken.objects.get().last_used_at == first
    assert abs(clock.now() - first) < timedelta(minutes=1)
    ApiToken.objects.update(last_used_at=clock.now() - timedelta(minutes=2))
    viewer.get(ADDRESS)
    assert clock.now() - ApiToken.objects.get().last_used_at < timedelta(minutes=1)


def test_a_session_may_read_and_needs_the_csrf_token_to_change(world):
    client = sign_in(make_person(world.environment, "on-call"), enforce_csrf_checks=True)
    act = f"/api/v1/incidents/{world.incident.pk}/acknowledge"
    assert client.get(ADDRESS).status_code == 200
    refused = client.post(act, {}, content_type="application/json")
    assert (refused.status_code, "CSRF" in refused.json()["detail"]) == (403, True)
    world.incident.refresh_from_db()
    assert world.incident.state == "triggered"
    client.get("/account/")
    token = client.cookies["csrftoken"].value
    assert client.post(act, {}, content_type="application/json", headers={"X-CSRFToken": token}).status_code == 200


def test_a_token_needs_no_csrf_token_and_its_person_counts_not_the_sessions(world, viewer):
    admin = sign_in(make_person(is_superuser=True), enforce_csrf_checks=True)
    answer = admin.get(ADDRESS, headers={"Authorization": f"Bearer {viewer.text}"})
    assert answer.json()["results"][0]["permissions"] == ["view_incidents", "view_logs"]
    assert Caller(make_person()).get(ADDRESS).json()["results"] == []


def test_forms_are_not_read(world, viewer):
    answer = Client(headers={"Authorization": f"Bearer {viewer.text}"}).post(
        f"/api/v1/incidents/{world.incident.pk}/resolve", {"note": "x"}
    )
    assert answer.status_code in (404, 415)
