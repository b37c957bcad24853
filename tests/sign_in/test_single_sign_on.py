"""Single sign-on against a provider that speaks the protocol: who comes in, with which roles, and who does not."""

import httpx
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from diagnostics.core.access import has_perm
from diagnostics.core.permissions import Perm
from diagnostics.environments import create_environment, grant_role
from diagnostics.models import AccessEvent
from tests.sign_in.provider import CLIENT, running_provider

ROLES = {"oncall": [("sso-shop", "on-call")], "staff": [("sso-shop", "viewer"), ("not-made-yet", "viewer")]}


@pytest.fixture
def provider(settings):
    with running_provider() as server:
        app = {
            "provider_id": "sso", "name": "Example", "client_id": CLIENT["client_id"], "secret": CLIENT["client_secret"],
            "settings": {"server_url": server.issuer},
        }  # fmt: skip
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {"APPS": [app], "SCOPE": ["openid", "profile", "email"], "OAUTH_PKCE_ENABLED": True}
        }
        settings.OIDC_ROLE_MAP = {**ROLES, "root": [("", "superuser")]}
        server.claims = {"sub": "1234", "preferred_username": "ada", "email": "ada@example.com", "groups": ["oncall"]}
        yield server


@pytest.fixture
def shop(db):
    return create_environment("sso-shop")


def come_in(client=None):
    client = client or Client()
    away = client.post(reverse("openid_connect_login", args=["sso"]), {"next": reverse("account")})
    assert away.status_code == 302
    back = httpx.get(away.url).headers["Location"].removeprefix("http://testserver")
    return client, client.get(back)


def test_the_sign_in_page_offers_it_and_a_link_alone_starts_nothing(provider, db):
    assert "Sign in with Example" in Client().get(reverse("login")).content.decode()
    asked = Client().get(reverse("openid_connect_login", args=["sso"]))
    assert asked.status_code == 200
    assert "Continue" in asked.content.decode()


def test_somebody_new_gets_an_account_and_the_roles_of_their_groups(provider, shop):
    client, answer = come_in()
    assert answer.url == reverse("account")
    assert client.get(reverse("account")).status_code == 200
    ada = User.objects.get(username="ada")
    assert not ada.has_usable_password()
    assert has_perm(ada, shop, Perm.RESPOND_INCIDENTS)
    events = dict(AccessEvent.objects.values_list("action", "subject"))
    assert events == {"account.create": "ada", "access.grant": "ada on-call", "sign-in": "ada"}


def test_roles_follow_the_groups_at_each_sign_in_and_what_was_granted_by_hand_stays(provider, shop):
    come_in()
    ada = User.objects.get(username="ada")
    grant_role(ada, shop, "privacy-officer")
    provider.claims["groups"] = "staff"
    come_in()
    assert not has_perm(ada, shop, Perm.RESPOND_INCIDENTS)
    assert has_perm(ada, shop, Perm.VIEW_LOGS)
    assert has_perm(ada, shop, Perm.ERASE_DATA)
    assert User.objects.count() == 1


def test_a_group_can_make_a_superuser_and_its_end_takes_that_away(provider, shop):
    provider.claims["groups"] = ["root"]
    come_in()
    assert User.objects.get().is_superuser
    provider.claims["groups"] = []
    come_in()
    assert not User.objects.get().is_superuser


def test_who_is_switched_off_here_stays_out_and_gets_no_roles(provider, shop):
    come_in()
    User.objects.update(is_active=False)
    provider.claims["groups"] = ["root"]
    client, _ = come_in()
    assert client.get(reverse("account")).status_code == 302
    assert not User.objects.get().is_superuser


def test_an_address_of_somebody_here_is_no_proof_of_being_them(provider, shop):
    User.objects.create_superuser("boss", "ada@example.com", "correct horse battery")
    provider.claims |= {"email_verified": True, "groups": []}
    client, _ = come_in()
    boss, ada = User.objects.get(username="boss"), User.objects.get(username="ada")
    assert client.session["_auth_user_id"] == str(ada.pk) != str(boss.pk)
    assert not ada.is_superuser


def test_a_state_that_was_not_given_out_and_a_code_that_was_used_open_nothing(provider, shop):
    client = Client()
    away = client.post(reverse("openid_connect_login", args=["sso"]))
    back = httpx.get(away.url).headers["Location"].removeprefix("http://testserver")
    stranger = Client()
    stranger.get(back)
    assert stranger.get(reverse("account")).status_code == 302
    client.get(back.replace("code=code-", "code=other-"))
    assert client.get(reverse("account")).status_code == 302


def test_strange_claims_are_survived(provider, shop):
    for groups in (None, 7, {"a": 1}, [["x"], None, "oncall"], ["x"] * 5000):
        provider.claims["groups"] = groups
        _, answer = come_in()
        assert answer.status_code == 302, groups


def test_guarded_acts_send_who_has_no_password_to_the_provider(provider, shop):
    provider.claims["groups"] = ["root"]
    client, _ = come_in()
    address = reverse("admin:diagnostics_ingestkey_add")
    assert client.get(address).status_code == 200
    session = client.session
    session["signed_in_at"] = 0
    session["account_authentication_methods"] = []
    session.save()
    asked = client.get(address)
    assert asked.url.startswith(reverse("openid_connect_login", args=["sso"]))
