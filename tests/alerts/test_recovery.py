"""What is a recovery and what is none: silence, too few to tell, a clock that jumps, what vanishes."""

import pytest

from alerts.models import Incident
from diagnostics.core.histogram import bucket_of

pytestmark = pytest.mark.django_db


def test_an_outage_that_silences_a_service_is_no_recovery(make_rule, make_rollup, evaluate, standing):
    make_rule(signal="status_5xx", condition="share", threshold=0.1, keep_firing_seconds=60)
    make_rollup(requests=100, status_5xx=50)
    evaluate()
    evaluate(minutes=5)
    assert Incident.objects.get().state == "triggered"
    evaluate(minutes=12)
    assert Incident.objects.get().state == "resolved"
    assert "Nothing is heard" in Incident.objects.get().events.last().text


@pytest.mark.parametrize(
    ("fields", "bad", "few", "words"),
    [
        (
            {"signal": "status_5xx", "condition": "share", "threshold": 0.05, "minimum_sample": 20, "minimum_count": 8},
            {"requests": 100, "status_5xx": 100},
            {"requests": 5, "status_5xx": 5},
            "Too few requests to tell",
        ),
        (
            {"signal": "latency_p95", "threshold": 1500, "minimum_count": 25},
            {"requests": 100, "latency": {str(bucket_of(5000)): 100}},
            {"requests": 5, "latency": {str(bucket_of(5000)): 5}},
            "Too few requests to tell",
        ),
        (
            {"signal": "latency_p95", "threshold": 1500, "minimum_count": 25},
            {"requests": 100, "latency": {str(bucket_of(5000)): 100}},
            {"records": 5},
            "Nothing is heard",
        ),
    ],
)
def test_too_few_to_tell_is_no_recovery(make_rule, make_rollup, evaluate, fields, bad, few, words):
    make_rule(keep_firing_seconds=60, **fields)
    make_rollup(**bad)
    evaluate()
    for _ in range(11):
        make_rollup(ago=-1, **few)
        evaluate(minutes=1)
    assert Incident.objects.get().state == "triggered"
    for _ in range(2):
        make_rollup(ago=-1, **few)
        evaluate(minutes=1)
    assert Incident.objects.get().state == "resolved"
    assert words in Incident.objects.get().events.last().text


def test_few_that_look_well_are_a_recovery(make_rule, make_rollup, evaluate):
    make_rule(signal="status_5xx", condition="share", threshold=0.05, minimum_sample=20, keep_firing_seconds=60)
    make_rollup(requests=100, status_5xx=100)
    evaluate()
    for _ in range(2):
        make_rollup(ago=-1, requests=5)
        evaluate(minutes=1)
    assert Incident.objects.get().state == "resolved"


def test_a_minimum_duration_holds_what_looks_well_at_once(make_rule, make_rollup, evaluate):
    make_rule(minimum_firing_seconds=600)
    make_rollup(errors=12)
    evaluate()
    evaluate(minutes=5)
    assert Incident.objects.get().state == "triggered"
    evaluate(minutes=5)
    assert Incident.objects.get().state == "resolved"


def test_a_clock_that_jumps_loses_and_doubles_nothing(make_rule, make_rollup, evaluate, standing):
    make_rule(threshold=10, window_minutes=3)
    make_rollup(errors=12)
    for jump in (0, -180, 180, -7200, 7200, 3, -3):
        evaluate(seconds=jump)
    assert Incident.objects.count() == 1
    evaluate(days=30)
    evaluate(minutes=20)  # what comes sooner is the same incident again
    make_rollup(errors=12)
    evaluate()
    assert Incident.objects.count() == 2


def test_a_service_that_appears_and_vanishes_leaves_nothing_open(make_rule, make_rollup, evaluate):
    make_rule(threshold=10)
    make_rule(signal="latency_p95", threshold=1000, window_minutes=2)
    make_rollup(service="job-17", errors=12, requests=30, latency={str(bucket_of(5000)): 30})
    evaluate()
    assert Incident.objects.exclude(state="resolved").count() >= 1
    for _ in range(30):
        evaluate(minutes=1)
    assert not Incident.objects.exclude(state="resolved").exists()
