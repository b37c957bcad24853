"""The inbox: how bad each message is, how its incident stands by now, and what is new to whom."""

from datetime import timedelta

import pytest
from django.urls import reverse

from alerts.incidents.transitions import acknowledge_incident
from alerts.models import InboxMessage
from diagnostics.core import clock
from tests.people import client_with, make_person, sign_in
from tests.views.reading import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(world):
    """Of an incident that nobody has yet."""
    _ = world.notification
    return InboxMessage.objects.get()


def show(client):
    return read(client.get(reverse("inbox")))


def test_a_message_says_how_bad_it_is_and_how_it_stands(world, message, on_call):
    assert [mark.text for mark in show(on_call).all("span", class_="sev sev-error")] == ["Error"]
    acknowledge_incident(world.incident, None)
    assert show(on_call).all("span", class_="state state-acknowledged")


def test_who_may_respond_acknowledges_from_here_on_the_newest_of_an_incident(world, message, on_call):
    address = reverse("incident-acknowledge", args=[world.slug, world.incident.pk])
    assert not show(client_with(world.environment, "viewer")).all("form", action=address)
    (form,) = show(on_call).all("form", action=address)
    assert "Acknowledge" in form.text
    on_call.post(address)
    assert not show(on_call).all("form", action=address)


def test_what_was_written_before_the_person_came_is_not_new_to_them(world, message):
    person = make_person(world.environment, "viewer", date_joined=clock.now() - timedelta(days=1))
    client = sign_in(person)
    assert [tag.text for tag in show(client).all("span", class_="tag") if tag.text == "new"] == ["new"]
    person.date_joined = clock.now() + timedelta(minutes=1)
    person.save()
    page = show(client)
    assert message.title in page.text
    assert not [tag for tag in page.all("span", class_="tag") if tag.text == "new"]
    assert not page.all("form", action=reverse("inbox-read"))


def test_search_and_the_count_of_open_incidents_stay_beside_pages_of_no_environment(world, message, on_call):
    on_call.get(reverse("incidents", args=[world.slug]))
    for name in ("inbox", "account"):
        page = read(on_call.get(reverse(name)))
        assert page.all("form", class_="search", action=reverse("logs", args=[world.slug])), name
        assert [count.text for count in page.all("span", class_="count")] == ["1"], name
