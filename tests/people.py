"""People who are signed in, by the role that they hold."""

from django.test import Client

from diagnostics.environments import grant_role
from tests.factories import make_user

BACKEND = "django.contrib.auth.backends.ModelBackend"


def make_person(environment=None, role="", **fields):
    """Somebody, with a role in an environment when one is named."""
    person = make_user(**fields)
    if role:
        grant_role(person, environment, role)
    return person


def sign_in(person, **options):
    """A client in which the person is signed in."""
    client = Client(**options)
    client.force_login(person, backend=BACKEND)
    return client


def client_with(environment, role):
    """A client of somebody new who holds the role."""
    return sign_in(make_person(environment, role))


def ask_page(client, address, **params):
    """A search page, and where it leads to when what was asked for does not belong into an address."""
    response = client.get(address, query_params=params)
    return client.get(address + response["Location"]) if response.status_code == 302 else response
