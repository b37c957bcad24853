"""Somebody with a password, and a browser that is not signed in."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.people import make_person

PASSWORD = "correct horse battery"


@pytest.fixture
def person(db):
    return make_person()


@pytest.fixture
def visitor(db):
    return Client()


@pytest.fixture
def enter(person):
    """Sign in through the page; the answer."""

    def signed_in(client, password=PASSWORD, name="", **fields):
        return client.post(reverse("login"), {"login": name or person.username, "password": password, **fields})

    return signed_in
