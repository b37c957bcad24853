"""JSON nested without end is the sender's fault: 400, by whatever address it comes, and no traceback of ours."""

import pytest
from django.test import Client
from django.urls import reverse

from diagnostics.api.parsing import DEEPEST, is_deep
from tests.api.calling import Caller
from tests.factories import make_environment, make_key
from tests.people import make_person

pytestmark = pytest.mark.django_db
ENDLESS = ('{"a":' * 20_000, "[" * 100_000, '{"a":' * 500 + "1" + "}" * 500)


@pytest.mark.parametrize("body", ENDLESS, ids=("objects", "lists", "closed"))
@pytest.mark.parametrize("address", ["/api/v1/tokens", "/api/v1/logs/search", "/api/v1/rules", "/api/v1/views"])
def test_the_api_refuses_it(address, body):
    caller = Caller(make_person(is_superuser=True))
    answer = caller.client.post(address, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["detail"]


@pytest.mark.parametrize("body", ENDLESS, ids=("objects", "lists", "closed"))
def test_so_do_the_addresses_of_ingest_keys(body):
    client = Client(headers={"Authorization": f"Bearer {make_key(make_environment())}"})
    assert client.post("/api/v1/events", body, content_type="application/json").status_code == 400


@pytest.mark.parametrize("body", [*ENDLESS, '"' + "a" * 70_000 + '"'], ids=("objects", "lists", "closed", "long"))
def test_and_so_does_the_sign_in(body):
    answer = Client().post(reverse("mfa_login_webauthn"), {"credential": body})
    assert (answer.status_code, answer.url) == (302, reverse("login"))


def test_what_is_nested_as_deep_as_is_allowed_is_read():
    deep: list = []
    for _ in range(DEEPEST):
        deep = [deep]
    assert not is_deep(deep)
    assert is_deep([deep])
