"""Signing in, preferences and tokens: what belongs to a person."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from diagnostics import tokens
from diagnostics.core import clock
from diagnostics.core.credentials import digest_of
from diagnostics.environments import create_environment, grant_role, withdraw_role
from diagnostics.models import AccessEvent, ApiToken
from diagnostics.tokens import find_token, issue_token
from tests.people import make_person, sign_in
from tests.views.reading import read

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "http:evil.example",
    "",
]


@pytest.fixture
def person():
    return make_person()


@pytest.fixture
def client(person):
    return sign_in(person)


def test_pages_of_a_person_keep_the_navigation_of_the_environment_last_visited(person, client):
    quiet, shop = create_environment("quiet"), create_environment("shop", kind="production")
    overviews = {environment: reverse("overview", args=[environment.slug]) for environment in (quiet, shop)}

    def beside(name):
        page = read(client.get(reverse(name)))
        assert "Privacy" not in page.text  # of what the person may do there, no more
        return page.links("Overview")

    assert beside("account") == []
    for environment in (quiet, shop):
        grant_role(person, environment, "viewer")
    assert beside("account") == beside("inbox") == [overviews[shop]]
    client.get(overviews[quiet])
    assert beside("account") == beside("inbox") == [overviews[quiet]]
    withdraw_role(person, quiet, "viewer")
    assert beside("account") == [overviews[shop]]


def test_signing_in_leads_to_where_one_wanted_to_go_and_nowhere_else(person):
    wanted = Client().get(reverse("account"))
    assert wanted.url == f"{reverse('login')}?next={reverse('account')}"
    for target, leads in ((reverse("account"), reverse("account")), *((away, reverse("home")) for away in ELSEWHERE)):
        answer = Client().post(reverse("login"), {"login": person.username, "password": PASSWORD, "next": target})
        assert (answer.status_code, answer.url) == (302, leads)


def test_a_wrong_password_an_unknown_name_and_an_inactive_person_look_alike(person):
    gone = make_person(is_active=False)
    said = set()
    for name, password in ((person.username, "wrong"), ("nobody", PASSWORD), (gone.username, PASSWORD), ("a\0b", "x")):
        client = Client()
        answer = client.post(reverse("login"), {"login": name, "password": password})
        said.update(element.text for element in read(answer).all("p", role="alert"))
        assert client.get(reverse("account")).status_code == 302
    assert len(said) == 1


def test_the_login_page_says_nothing_of_what_there_is(client):
    page = read(Client().get(reverse("login")))
    assert page.all("input", name="password")[0].attributes["autocomplete"] == "current-password"
    assert "Environment" not in page.html
    assert client.get(reverse("login")).url == reverse("home")


@pytest.mark.parametrize("name", ["theme", "zone"])
def test_preferences_take_known_values_only(client, name):
    value = {"theme": "dark", "zone": "local"}[name]
    answer = client.post(reverse("preferences"), {name: value, "next": "/account/?a=b"})
    assert answer.url == "/account/?a=b"
    assert answer.cookies[name].value == value
    assert f'data-{name}="{value}"' in client.get(reverse("account")).content.decode()
    refused = client.post(reverse("preferences"), {name: '"><script>'})
    assert name not in refused.cookies
    client.cookies[name] = '"><script>'
    assert "<script>" not in client.get(reverse("account")).content.decode()


@pytest.mark.parametrize("target", ELSEWHERE)
def test_preferences_lead_nowhere_else(client, target):
    assert client.post(reverse("preferences"), {"theme": "dark", "next": target}).url == reverse("home")


def test_preferences_change_by_post_only(client):
    assert client.get(reverse("preferences"), {"theme": "dark"}).status_code == 405


def make_token(client, **changes):
    return client.post(reverse("account"), {"name": "backup script", "days": "30", **changes})


def test_a_token_is_shown_once_and_kept_as_a_hash(client, person):
    answer = make_token(client)
    text = read(answer).all("pre", id="new-token")[0].text
    token = ApiToken.objects.get(user=person)
    assert answer["Cache-Control"] == "no-store"
    assert bytes(token.digest) == digest_of(text)
    assert text.startswith("dt_")
    assert len(text) > 40
    assert token.prefix == text[:10]
    assert abs(token.expires_at - clock.now() - timedelta(days=30)) < timedelta(minutes=1)
    again = client.get(reverse("account")).content.decode()
    assert text not in again
    assert token.prefix in again
    event = AccessEvent.objects.get(action="token.create")
    assert event.actor == person
    assert text not in f"{event.subject}{event.detail}"
    assert find_token(text) == token


@pytest.mark.parametrize("changes", [{"name": " "}, {"days": "36500"}, {"days": ""}, {"days": "thirty"}])
def test_a_token_without_name_or_end_is_refused_with_the_field(client, changes):
    answer = make_token(client, **changes)
    assert answer.status_code == 400
    assert next(iter(changes)).capitalize() + ":" in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_a_name_that_no_database_holds_is_mended(client):
    make_token(client, name="a\0b\nc")
    assert ApiToken.objects.get().name == "a\ufffdb c"


def test_there_is_an_end_to_how_many_tokens_one_has(client, person, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_TOKENS", 1)
    assert make_token(client).status_code == 200
    assert make_token(client).status_code == 400
    client.post(reverse("token-revoke", args=[ApiToken.objects.get().pk]))
    assert make_token(client).status_code == 200


def test_people_revoke_their_own_tokens_and_nobody_elses(client, person):
    mine, text = issue_token(person, "mine")
    theirs, their_text = issue_token(make_person(), "theirs")
    assert client.post(reverse("token-revoke", args=[theirs.pk])).status_code == 404
    assert find_token(their_text) == theirs
    assert client.get(reverse("token-revoke", args=[mine.pk])).status_code == 405
    assert find_token(text) == mine
    assert client.post(reverse("token-revoke", args=[mine.pk])).url == reverse("account")
    assert find_token(text) is None
    revoked = AccessEvent.objects.filter(action="token.revoke")
    assert list(revoked.values_list("actor")) == [(person.pk,)]
    assert "theirs" not in client.get(reverse("account")).content.decode()


def test_a_new_password_ends_the_other_places_where_one_is_signed_in(client, person):
    elsewhere = sign_in(person)
    fields = {"old_password": PASSWORD, "new_password1": "another fine pass", "new_password2": "another fine pass"}
    assert client.post(reverse("password"), {**fields, "old_password": "wrong"}).status_code == 200
    assert client.post(reverse("password"), fields).url == reverse("account")
    assert client.get(reverse("account")).status_code == 200
    assert elsewhere.get(reverse("account")).status_code == 302


def test_signing_out_asks_for_post(client):
    assert "Sign out?" in client.get(reverse("logout")).content.decode()
    assert client.get(reverse("account")).status_code == 200
    assert client.post(reverse("logout")).url == reverse("login")
    assert client.get(reverse("account")).status_code == 302
