"""What is a recovery and what is none: silence, too few to tell, a clock that jumps, what vanishes."""

import pytest

from alerts.incidents.transitions import resolve_incident
from alerts.models import Incident
from diagnostics.core.histogram import bucket_of
from tests.factories import make_user

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


@pytest.mark.parametrize("window", [1, 10])
def test_what_a_person_closed_and_goes_on_comes_back_when_a_whole_window_says_so(
    make_rule, make_rollup, evaluate, make_target, told, window
):
    make_target("inbox")
    make_rule(window_minutes=window, threshold=10)
    make_rollup(errors=12)
    evaluate()
    person = make_user("ana")
    resolve_incident(Incident.objects.get(), person)
    for minute in range(1, max(window, 5)):
        make_rollup(ago=-1, errors=12)
        evaluate(minutes=1)
        assert Incident.objects.get().state == "resolved", minute
    for _ in range(2):
        make_rollup(ago=-1, errors=12)
        evaluate(minutes=1)
    incident = Incident.objects.get()
    assert (incident.state, incident.acknowledged_by, incident.reopened) == ("triggered", None, 1)
    assert (
        incident.events.filter(kind="reopened")
        .get()
        .text.startswith(f"Still so {max(window, 5)} min after ana resolved")
    )
    assert [action for action, _, _ in told()] == ["trigger", "resolve", "trigger"]
    evaluate(minutes=window + 1)
    evaluate(minutes=1)
    assert Incident.objects.get().state == "resolved"
    assert [action for action, _, _ in told()][-1] == "resolve"


def test_what_a_person_closed_and_has_recovered_is_a_new_incident_when_it_is_bad_again(
    make_rule, make_rollup, evaluate
):
    make_rule(threshold=10)
    make_rollup(errors=12)
    evaluate()
    resolve_incident(Incident.objects.get(), make_user())
    evaluate(minutes=2)
    evaluate(minutes=1)
    make_rollup(ago=0, errors=12)
    evaluate()
    assert sorted(Incident.objects.values_list("state", flat=True)) == ["resolved", "triggered"]


def test_who_closes_a_silence_knows_that_nothing_comes(make_rule, make_rollup, evaluate):
    make_rule(signal="records", condition="absence", window_minutes=5, threshold=1)
    for ago in range(10):
        make_rollup(ago=ago, records=5)
    evaluate()
    evaluate(minutes=7)
    resolve_incident(Incident.objects.get(), make_user())
    for _ in range(20):
        evaluate(minutes=1)
    assert Incident.objects.get().state == "resolved"
