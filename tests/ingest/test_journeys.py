"""From a request to a journey: the attribute that the operator names, and what ends one well."""

import pytest
from asgiref.sync import async_to_sync

from diagnostics.digest.run import digest_all
from diagnostics.environments import create_environment
from diagnostics.ingest import keys
from diagnostics.models import IngestBatch
from sessions_app.models import Journey
from tests.factories import make_key, send_json

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def environment():
    keys.CACHE.clear()
    return create_environment("on-the-way")


def send(environment, *records):
    answer = async_to_sync(send_json)(make_key(environment), list(records))
    assert answer.json()["accepted"] == len(records)
    digest_all()
    return {row.journey_id: row for row in Journey.objects.filter(environment=environment)}


def test_records_of_one_order_become_one_journey_that_ended_well(environment):
    policy = environment.privacy_policy
    policy.journey, policy.journey_ends = "order.id", 'event:order.placed\nservice:mailer "confirmation sent"'
    policy.save()
    found = send(
        environment,
        {"message": "cart", "service": "shop", "order.id": "A-1", "http_route": "/cart", "http_method": "POST",
         "session.id": "s-1", "user.id": "jane"},
        {"message": "stuck", "service": "shop", "order.id": "A-2", "level": "error"},
        {"message": "nobody's"},
    )  # fmt: skip
    assert set(found) == {"A-1", "A-2"}
    assert (found["A-1"].state, found["A-1"].completed_at, found["A-2"].state) == ("ok", None, "errors")
    assert len(found["A-1"].user_keys) == 1
    assert "jane" not in found["A-1"].user_keys
    found = send(environment, {"message": "confirmation sent", "service": "mailer", "order.id": "A-1"})
    assert found["A-1"].completed_at is not None
    assert (found["A-1"].services, found["A-1"].path) == (["mailer", "shop"], ["POST /cart"])
    assert not IngestBatch.objects.exclude(journeys="").exists()


def test_only_saying_what_ends_one_leaves_the_name_as_it_is(environment):
    policy = environment.privacy_policy
    policy.journey_ends = "paid"
    policy.save()
    found = send(environment, {"message": "Paid in full", "journey.id": "j"}, {"message": "x", "journey.id": "k"})
    assert (found["j"].completed_at is None, found["k"].completed_at is None) == (False, True)


def test_a_journey_id_that_is_an_address_is_redacted_like_everything_else(environment):
    found = send(environment, {"message": "x", "journey.id": "jane@example.com"})
    assert set(found) == {"[email]"}
