"""After the product was down: what is missing is waited for, what fires goes on firing."""

import pytest

from alerts.evaluation.run import evaluate_environment
from alerts.models import Incident

pytestmark = pytest.mark.django_db


DOWN = [
    ({"signal": "records", "condition": "absence", "window_minutes": 3}, "web: no records for 3 min"),
    ({"signal": "records", "condition": "below", "threshold": 3, "window_minutes": 3}, "web: 0 records in 3 min"),
    ({"signal": "requests", "condition": "change", "threshold": 0.4, "window_minutes": 3}, "web: 0 requests in 3 min"),
]


@pytest.mark.parametrize(("fields", "words"), DOWN)
def test_what_is_missing_after_the_product_was_down_is_waited_for_one_window_long(
    make_rule, make_rollup, evaluate, standing, environment, fields, words
):
    rule = make_rule(**fields)
    for ago in range(1, 30):
        make_rollup(records=10, requests=10, ago=ago)
    evaluate()
    standing.advance(minutes=10)  # nothing runs: 12:00:30 to 12:10:30
    make_rollup(records=10, requests=10, service="other")
    evaluate_environment(environment.pk)
    rule.refresh_from_db()
    assert rule.health_note == (
        "Held until 12:15 UTC: the product was down, and what is missing may still be on its way."
    )
    for _ in range(3):
        evaluate(minutes=1)
    assert not Incident.objects.exists()
    for _ in range(2):
        evaluate(minutes=1)
    assert Incident.objects.get(service_name="web").summary.startswith(words)
    rule.refresh_from_db()
    assert (rule.health, rule.health_note) == ("ok", "")


@pytest.mark.parametrize(("fields", "words"), DOWN)
def test_what_comes_after_the_product_was_down_is_no_alarm(
    make_rule, make_rollup, evaluate, standing, environment, fields, words
):
    make_rule(**fields)
    for ago in range(1, 30):
        make_rollup(records=10, requests=10, ago=ago)
    evaluate()
    standing.advance(minutes=10)
    evaluate_environment(environment.pk)
    evaluate(minutes=1)
    for ago in range(12):  # what the sender held
        make_rollup(records=10, requests=10, ago=ago)
    for _ in range(6):
        make_rollup(records=10, requests=10, ago=-1)
        evaluate(minutes=1)
    assert not Incident.objects.exists()


def test_what_fires_goes_on_firing_after_the_product_was_down(make_rule, make_rollup, evaluate, standing, environment):
    make_rule(signal="records", condition="absence", window_minutes=3)
    make_rollup(records=10, ago=5)
    evaluate()
    standing.advance(minutes=10)
    evaluate_environment(environment.pk)
    evaluate(minutes=2)
    assert Incident.objects.get().state == "triggered"
