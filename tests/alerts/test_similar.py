"""Past incidents that look like one: what was before it, and nothing that is of now."""

from datetime import timedelta

import pytest

from alerts.incidents.similar import similar_incidents
from alerts.incidents.together import began_together
from alerts.models import Incident
from diagnostics.core import clock
from tests.factories import make_environment

pytestmark = pytest.mark.django_db


def test_what_began_at_the_same_time_is_no_history_and_neither_is_what_came_later():
    environment, now = make_environment(), clock.now()

    def make(name, minutes):
        at = now - timedelta(minutes=minutes)
        return Incident.objects.create(
            environment=environment, rule_name="New error", dedup_key=name, title=name, summary=".", severity="warning",
            service_name="checkout", started_at=at, opened_at=at, context={"fingerprints": ["f0"]},
        )  # fmt: skip

    names = {"this": 60, "sibling": 59, "a moment before": 65, "yesterday": 60 * 24, "later": 10}
    found = {name: make(name, minutes) for name, minutes in names.items()}
    assert similar_incidents(found["this"]) == [(found["yesterday"], "the same error")]
    assert {one for one, _ in began_together(found["this"])} == {found["sibling"], found["a moment before"]}
