"""Saved views over the API."""

import threading
from contextlib import suppress

import pytest
from django.db import connections
from django.http import Http404

from diagnostics.environments import create_environment
from diagnostics.models import AccessEvent, SavedView
from diagnostics.privacy.pseudonyms import stand_in
from diagnostics.saved_views import keeping
from diagnostics.saved_views.keeping import change_view
from tests.api.calling import caller_with
from tests.people import make_person

pytestmark = pytest.mark.django_db
LIST = "/api/v1/views"


@pytest.fixture
def environment():
    return create_environment("shop")


@pytest.fixture
def developer(environment):
    return caller_with(environment, "developer")


def make(caller, environment, /, **fields):
    given = {"environment": environment.slug, "page": "logs", "name": "Errors", "params": {"level": "error"}, **fields}
    return caller.post(LIST, given)


def names(caller, **params):
    return [row["name"] for row in caller.get(LIST, **params).json()["results"]]


def test_a_view_is_made_read_changed_and_deleted(environment, developer):
    answer = make(developer, environment)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["is_shared"], made["is_mine"], made["params"]) == (False, True, {"level": "error"})
    row = f"{LIST}/{made['id']}"
    assert developer.patch(row, {"name": "Bad ones", "params": {"q": "oops", "cursor": "x"}}).status_code == 200
    assert developer.get(row).json()["params"] == {"q": "oops"}
    assert names(developer, environment="shop", page="logs") == ["Bad ones"]
    assert names(developer, page="traces") == []
    assert developer.delete(row).status_code == 204
    assert names(developer) == []


def test_own_views_are_missing_for_others_and_shared_ones_are_changed_by_who_may_share(environment, developer):
    row = f"{LIST}/{make(developer, environment).json()['id']}"
    viewer, colleague = caller_with(environment, "viewer"), caller_with(environment, "on-call")
    for other in (viewer, colleague):
        assert names(other) == []
        assert other.get(row).status_code == other.patch(row, {}).status_code == other.delete(row).status_code == 404
    assert developer.patch(row, {"is_shared": True}).status_code == 200
    assert names(viewer) == names(colleague) == ["Errors"]
    assert viewer.patch(row, {"name": "x"}).status_code == viewer.delete(row).status_code == 404
    assert colleague.patch(row, {"name": "All errors"}).status_code == 200
    assert [event.action for event in AccessEvent.objects.order_by("pk")][-2:] == ["view.share", "view.change"]


def test_a_user_id_is_kept_as_its_pseudonym(environment, developer):
    make(developer, environment, params={"user": "anna@example.org"})
    assert SavedView.objects.get().params == {"user": stand_in(environment, "anna@example.org")}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "mail to anna@example.org"}, "name"),
        ({"params": {"level": "loud"}}, "params"),
        ({"params": {"q": "y" * 1001}}, "params"),
        ({"page": "inbox"}, "page"),
        ({"environment": "nowhere"}, "environment"),
        ({"environment": ""}, "environment"),
    ],
)
def test_errors_name_the_field(environment, developer, fields, field):
    answer = make(developer, environment, **fields)
    assert answer.status_code == 400
    assert list(answer.json()) == [field]


def test_what_cannot_be_changed_says_so_and_sharing_is_asked_for(environment, developer):
    row = f"{LIST}/{make(developer, environment).json()['id']}"
    assert "page" in developer.patch(row, {"page": "traces"}).json()
    viewer = caller_with(environment, "viewer")
    assert "is_shared" in make(viewer, environment, is_shared=True).json()
    assert "environment" in make(viewer, environment, page="traces").json()


@pytest.mark.parametrize(("field", "value"), [("page", "\ud800"), ("params", {"\ud800": "\ud800"})])
def test_half_a_character_is_refused_and_not_quoted(environment, developer, field, value):
    answer = make(developer, environment, **{field: value})
    assert answer.status_code == 400
    assert field in answer.json()


def test_a_change_takes_back_nothing_that_somebody_else_changed_meanwhile(environment, developer):
    view = SavedView.objects.get(pk=make(developer, environment).json()["id"])  # read before the other change
    SavedView.objects.update(name="Renamed")
    change_view(view.owner, view, params={"level": "fatal"})
    found = SavedView.objects.get()
    assert (found.name, found.params) == ("Renamed", {"level": "fatal"})
    found.delete()
    with pytest.raises(Http404):
        change_view(view.owner, view, name="gone")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_cannot_take_one_name(environment, monkeypatch):
    person = make_person(environment, "developer")
    both_asked = threading.Barrier(2)
    real, made = keeping.set_name, []

    def set_name(view, name):
        real(view, name)
        with suppress(threading.BrokenBarrierError):  # the other waits for its turn
            both_asked.wait(1)

    def save():
        try:
            made.append(keeping.save_view(person, environment, "logs", "Errors", {"level": "error"}))
        except ValueError as error:
            made.append(str(error))
        finally:
            connections.close_all()

    monkeypatch.setattr(keeping, "set_name", set_name)
    threads = [threading.Thread(target=save) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert SavedView.objects.count() == 1
    assert "name: there is a view of this name already; choose another" in made
