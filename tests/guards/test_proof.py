"""Acts that an open laptop must not suffice for: each asks for proof when the last is old, whatever its way."""

import pytest
from django.urls import reverse

from diagnostics.models import AccessEvent, EnvironmentUserGrant, PrivacyJob
from tests.api.calling import Caller
from tests.people import make_person, sign_in
from tests.world import begin_world

CONFIG = "environment: shop-one\npolicy:\n  detectors_off: [email]\n"


@pytest.fixture
def world(db):
    return begin_world("shop-one")


@pytest.fixture
def boss(db):
    return make_person(is_superuser=True)


def grown_old(person):
    """A client whose sign-in was long ago."""
    client = sign_in(person)
    session = client.session
    session["signed_in_at"] = 0
    session.save()
    return client


def asks_again(answer):
    return answer.status_code == 302 and answer.url.startswith("/account/")


def test_pages_and_acts_of_the_admin(world, boss):
    client, grant = grown_old(boss), world.grant
    addresses = [
        reverse("admin:diagnostics_environment_change", args=[world.environment.pk]),
        reverse("admin:diagnostics_environmentusergrant_delete", args=[grant.pk]),
        reverse("admin:auth_user_password_change", args=[grant.user_id]),
    ]
    assert [address for address in addresses if not asks_again(client.get(address))] == []
    assert [address for address in addresses if not asks_again(client.post(address, {"post": "yes"}))] == []
    chosen = {"action": "delete_selected", "_selected_action": [grant.pk], "post": "yes"}
    assert asks_again(client.post(reverse("admin:diagnostics_environmentusergrant_changelist"), chosen))
    assert EnvironmentUserGrant.objects.filter(pk=grant.pk).exists()
    assert client.get(reverse("admin:diagnostics_environmentusergrant_changelist")).status_code == 200


def test_carrying_data_away_and_taking_it_away_over_the_api(world, boss):
    client, caller = grown_old(boss), Caller(boss)
    export = {"environment": world.slug, "kind": "export", "user": "jane"}
    erase = {"environment": world.slug, "kind": "erase", "user": "jane", "confirm": world.slug}
    for body in (export, erase):
        answer = client.post("/api/v1/datarequests", body, content_type="application/json")
        assert (answer.status_code, "Prove once more" in answer.text) == (403, True)
    assert not PrivacyJob.objects.exists()
    made = caller.post("/api/v1/datarequests", export)
    assert made.status_code == 201
    address = f"/api/v1/datarequests/{made.json()['id']}/download"
    assert client.get(address).status_code == 403
    assert caller.get(address).status_code != 403


def test_a_policy_as_code(world, boss):
    address = f"/api/v1/environments/{world.slug}/config"
    assert grown_old(boss).post(address, CONFIG, content_type="application/yaml").status_code == 403
    with_token = Caller(boss).client.post(address, CONFIG, content_type="application/yaml")
    assert with_token.status_code == 200, with_token.text


def test_setting_somebodys_password_is_written_down(world, boss):
    person, client = make_person(username="ana"), sign_in(boss)
    address = reverse("admin:auth_user_password_change", args=[person.pk])
    new = {"password1": "a long enough passphrase", "password2": "a long enough passphrase", "usable_password": "true"}
    assert client.post(address, {**new, "password2": "another"}).status_code == 200
    assert not AccessEvent.objects.filter(action="account.password").exists()
    assert client.post(address, new).status_code == 302
    event = AccessEvent.objects.get(action="account.password")
    assert (event.actor, event.subject) == (boss, "ana")
    person.refresh_from_db()
    assert person.check_password(new["password1"])
