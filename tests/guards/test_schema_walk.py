"""Schemathesis asks the API what its schema allows, as somebody of another environment: no answer is a 500, none tells of
this one."""

import json

import pytest
import schemathesis
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings

from diagnostics.tokens import issue_token
from tests.people import make_person, sign_in
from tests.world import make_world

pytestmark = pytest.mark.django_db
EXAMPLES = 8  # of each operation: enough to meet every parameter, few enough for each run


SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def ask(client, case):
    """The case through Django's own client."""
    options = {"query_params": dict(case.query or {})}
    if case.method in ("POST", "PUT", "PATCH"):
        options |= {"data": json.dumps(case.body, default=str), "content_type": "application/json"}
    return getattr(client, case.method.lower())(case.formatted_path, **options)


def walk(operation, client, secret):
    """Some cases of one operation; how many were asked."""
    asked = 0

    @SETTINGS
    @given(case=operation.as_strategy())
    def check(case):
        nonlocal asked
        answer = ask(client, case)
        asked += 1
        assert answer.status_code < 500, (operation.label, answer.content[:300])
        assert secret not in answer.content.decode(), operation.label

    check()
    return asked


def test_nothing_breaks_and_nothing_is_told(db):
    here, elsewhere = make_world("walked-one"), make_world("walked-two")
    person = make_person(elsewhere.environment, "environment-admin")
    raw = sign_in(person).get(reverse("api-schema"), {"format": "json"}).json()
    _, text = issue_token(person, "walk")
    client = Client(headers={"Authorization": f"Bearer {text}"})
    found = [operation.ok() for operation in schemathesis.openapi.from_dict(raw).get_all_operations()]
    assert len(found) >= 15
    for operation in found:
        assert walk(operation, client, here.slug) > 0, operation.label
