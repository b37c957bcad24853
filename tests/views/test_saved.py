"""Saved views on the pages: the menu, saving, opening, the list, the default."""

import pytest
from django.urls import reverse

from diagnostics.environments import grant_role
from diagnostics.models import AccessEvent, SavedView
from diagnostics.privacy.pseudonyms import stand_in
from diagnostics.saved_views.keeping import save_view
from tests.people import client_with, make_person, sign_in
from tests.views.reading import read
from tests.world import begin_world

PAGES = ("logs", "live", "sessions", "traces")
SEARCH = {"logs": "q=oops&level=warn", "live": "q=oops", "sessions": "show=errors", "traces": "min=2s"}


@pytest.fixture
def person(world):
    return make_person(world.environment, "developer")


@pytest.fixture
def client(person):
    return sign_in(person)


@pytest.fixture
def at(world):
    return lambda name, *more: reverse(name, args=[world.slug, *more])


def post(client, address, **fields):
    return client.post(address, fields, follow=True)


def message(page):
    return [part.text for part in page.all("p", role="status")]


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_shows_is_saved_and_opened_from_its_menu(world, client, at, name):
    page = read(client.get(f"{at(name)}?{SEARCH[name]}"))
    assert page.all("input", name="search")[0].attributes["value"] == SEARCH[name]
    saved = post(client, at("view-save"), page=name, search=SEARCH[name], name="My view")
    assert saved.request["PATH_INFO"] == at(name)
    assert saved.request["QUERY_STRING"] == SEARCH[name]
    view = SavedView.objects.get()
    page = read(saved)
    assert at("view-open", view.pk) in page.links("My view")
    assert page.all("a", aria_current="true")[0].text == "My view"
    assert client.get(at("view-open", view.pk))["Location"] == f"{at(name)}?{SEARCH[name]}"


def test_the_form_without_a_name_says_so_and_the_search_is_still_there(client, at):
    answer = post(client, at("view-save"), page="logs", search="level=warn", name=" ")
    assert answer.request["QUERY_STRING"] == "level=warn"
    assert message(read(answer)) == ["Not saved. name: give the view a name."]


def test_a_raw_id_in_the_live_filter_becomes_a_pseudonym(world, client, at):
    answer = post(client, at("view-save"), page="live", search="q=user%3Aanna%40example.org", name="One person")
    key = stand_in(world.environment, "anna@example.org")
    assert SavedView.objects.get().params == {"q": f"user:{key}"}
    assert "anna" not in answer.request["QUERY_STRING"]
    assert client.get(at("live"), {"q": "user:anna@example.org"})["Location"] == f"?q=user%3A{key}"


def test_the_live_page_begins_with_the_filter_of_its_address(world, client, at):
    page = read(client.get(at("live"), {"q": "level:fatal", "level": "warn"}))
    assert page.all("input", aria_label="Filter the stream")[0].attributes["value"] == "level:fatal"
    assert [option.text for option in page.all("option") if "selected" in option.attributes] == ["warn and worse"]
    assert world.record.body not in page.text
    assert world.record.body in read(client.get(at("live"))).text
    assert not [p for p in page.all("p", id="live-error") if "hidden" not in p.attributes]
    assert "no level" in read(client.get(at("live"), {"level": "loud"})).all("p", id="live-error")[0].text


@pytest.mark.parametrize("name", PAGES)
def test_a_default_opens_the_page_unless_something_is_asked_for(person, world, client, at, name):
    view = save_view(person, world.environment, name, "Mine", dict(part.split("=") for part in SEARCH[name].split("&")))
    assert client.get(at(name)).status_code == 200
    post(client, at("view-change", view.pk), default="yes")
    assert client.get(at(name))["Location"] == f"{at(name)}?{SEARCH[name]}"
    plain = read(client.get(at(name), {"range": "6h"} if name != "live" else {"level": "trace"}))
    (everything,) = plain.links("No view: everything")
    assert client.get(everything).status_code == 200
    other = client_with(world.environment, "developer")
    assert other.get(at(name)).status_code == 200
    post(client, at("view-change", view.pk), default="no")
    assert client.get(at(name)).status_code == 200


def test_others_personal_views_are_missing_for_everybody(world, person, client, at):
    view = save_view(person, world.environment, "logs", "Mine alone", {"q": "secret plan"})
    for other in (client_with(world.environment, "environment-admin"), sign_in(make_person(is_superuser=True))):
        assert other.get(at("view-open", view.pk)).status_code == 404
        for name in ("view-change", "view-delete"):
            assert other.post(at(name, view.pk), {"name": "Taken", "shared": "yes"}).status_code == 404
        for page in ("views", "logs"):
            assert "Mine alone" not in read(other.get(at(page))).text
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Mine alone", False)


def test_views_are_renamed_shared_taken_back_and_deleted(world, person, client, at):
    view = save_view(person, world.environment, "logs", "Errors", {"level": "error"})
    post(client, at("view-change", view.pk), name="All errors")
    page = read(post(client, at("view-change", view.pk), shared="yes"))
    assert "All errors" in page.text
    assert "by you" in page.text
    viewer = client_with(world.environment, "viewer")
    assert "All errors" in read(viewer.get(at("views"))).text
    assert at("view-open", view.pk) in read(viewer.get(at("logs"))).links("All errors")
    assert viewer.post(at("view-change", view.pk), {"name": "Mine now"}).status_code == 404
    assert AccessEvent.objects.filter(action="view.share").count() == 1
    post(client, at("view-change", view.pk), shared="no", name="not with this")
    view.refresh_from_db()
    assert (view.is_shared, view.name) == (False, "All errors")
    post(client, at("view-delete", view.pk))
    assert not SavedView.objects.exists()
    assert "No saved views yet" in read(client.get(at("views"))).text


def test_who_may_not_share_is_not_offered_it_and_cannot(world, at):
    viewer = client_with(world.environment, "viewer")
    assert not read(viewer.get(at("logs"))).all("input", name="shared")
    answer = post(viewer, at("view-save"), page="logs", search="", name="For all", shared="yes")
    assert "needs manage_rules" in message(read(answer))[0]
    assert viewer.post(at("view-save"), {"page": "traces", "name": "x", "search": ""}).status_code == 404
    assert not SavedView.objects.exists()


def test_a_view_of_a_page_that_is_closed_now_is_missing(world, person, at):
    view = save_view(person, world.environment, "traces", "Slow", {}, shared=True)
    viewer = client_with(world.environment, "viewer")
    assert viewer.get(at("view-open", view.pk)).status_code == 404
    assert "Slow" not in read(viewer.get(at("views"))).text


def test_a_view_of_another_environment_is_missing_here(world, person, client, at):
    view = save_view(person, world.environment, "logs", "Mine", {})
    other = begin_world("shop-two")
    grant_role(person, other.environment, "developer")
    assert client.get(reverse("view-open", args=[other.slug, view.pk])).status_code == 404


def test_a_view_that_cannot_be_shown_any_more_says_why(world, person, client, at):
    view = save_view(person, world.environment, "logs", "Old", {"level": "error"})
    SavedView.objects.update(params={"level": "loud"}, is_default=True)
    answer = client.get(at("view-open", view.pk), follow=True)
    assert "cannot be shown any more. level: 'loud' is no level" in message(read(answer))[0]
    assert client.get(at("logs")).status_code == 200


def test_hostile_names_stand_as_text(world, person, client, at):
    save_view(person, world.environment, "logs", "x", {})
    SavedView.objects.update(name="<script>alert(1)</script>\u202e")
    for name in ("views", "logs"):
        response = client.get(at(name))
        assert "<script>alert" not in response.content.decode()
        assert "[U+202E]" in read(response).text
