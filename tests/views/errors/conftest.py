"""The list of errors and the page of one, as a viewer sees them."""

import pytest
from django.urls import reverse

from tests.views.reading import read


@pytest.fixture
def look(environment, viewer):
    def ask(client=viewer, **params):
        return read(client.get(reverse("errors", args=[environment.slug]), query_params=params))

    return ask


@pytest.fixture
def show(environment, viewer):
    def ask(error, client=viewer, **params):
        address = reverse("error", args=[environment.slug, error.fingerprint])
        return read(client.get(address, query_params=params))

    return ask
