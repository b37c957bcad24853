"""The sentence of an incident: the numbers that decided, and what is usual beside them."""

import pytest

from alerts.evaluation.history import History
from alerts.evaluation.series import Series
from alerts.evaluation.usual import spans_without
from alerts.incidents.transitions import resolve_incident
from alerts.models import Incident, RuleState
from diagnostics.core.histogram import bucket_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def incident():
    return Incident.objects.get()


@pytest.mark.parametrize(
    ("fields", "rows", "summary"),
    [
        (
            {"signal": "status_5xx", "condition": "share", "threshold": 0.05, "minimum_count": 8, "minimum_sample": 20},
            [{"requests": 1240, "status_5xx": 174}],
            "web: 5xx 14% of 1,240 requests in 1 min.",
        ),
        (
            {"signal": "failures", "condition": "share", "threshold": 0.05, "window_minutes": 5},
            [{"requests": 100, "failures": 50}, {"requests": 100, "failures": 2, "ago": 34}],
            "web: failed 50% of 100 requests in 5 min; usual is 2%.",
        ),
        (
            {"signal": "failures", "condition": "share", "threshold": 0.05},
            [{"requests": 100, "failures": 50}, {"requests": 100, "failures": 2, "ago": 30}],
            "web: failed 50% of 100 requests in 1 min; usual is 2%.",
        ),
        (  # of half an hour at least
            {"signal": "failures", "condition": "share", "threshold": 0.05},
            [{"requests": 100, "failures": 50}, {"requests": 100, "failures": 100, "ago": 29}],
            "web: failed 50% of 100 requests in 1 min.",
        ),
        (
            {"condition": "change", "threshold": 4, "minimum_count": 15},
            [{"errors": 1400}, {"errors": 10, "ago": 1}, {"errors": 30, "ago": 2}, {"errors": 20, "ago": 3}],
            "web: 1,400 errors in 1 min; usual is 20.",
        ),
        (
            {"signal": "latency_p95", "threshold": 1500},
            [{"requests": 40, "latency": {str(bucket_of(2400)): 40}}],
            "web: p95 2.4 s over 40 requests in 1 min.",
        ),
        (
            {"signal": "latency_p50", "condition": "change", "threshold": 2},
            [
                {"requests": 40, "latency": {str(bucket_of(700)): 40}},
                {"requests": 9, "latency": {str(bucket_of(100)): 9}, "ago": 1},
            ],
            "web: p50 693 ms over 40 requests in 1 min; usual is 102 ms.",
        ),
        ({"signal": "timeouts", "group_by": "nothing"}, [{"timeouts": 10}], "Shop: 10 timeouts in 1 min."),
    ],
)
def test_the_summary_is_a_sentence_with_the_numbers_that_decided(
    make_rule, make_rollup, evaluate, fields, rows, summary
):
    make_rule(**fields)
    for row in rows:
        make_rollup(**row)
    evaluate()
    assert incident().summary == summary


def test_the_usual_is_the_median_of_whole_earlier_windows(make_rule, make_rollup, environment, standing):
    rule = make_rule(window_minutes=2, condition="change")
    for ago, errors in enumerate((7, 7, 1, 1, 50, 50, 3, 3, 1000)):  # the last one is half a window
        make_rollup(ago=ago, errors=errors)
    instant = History(environment.pk).instant([rule], standing.now)
    assert instant.samples(rule)[Series("web")].value == 14
    assert instant.usual(rule, Series("web")) == 6  # median of 2, 100, 6


def test_a_service_that_was_quiet_while_others_were_seen_is_usually_quiet(
    make_rule, make_rollup, environment, standing
):
    rule = make_rule(condition="change")
    make_rollup(service="old", errors=5, ago=3)
    make_rollup(service="new", errors=20)
    instant = History(environment.pk).instant([rule], standing.now)
    assert instant.usual(rule, Series("new")) == 0
    assert instant.samples(rule)[Series("old")].value == 0


def test_without_history_the_usual_is_not_known(make_rule, make_rollup, environment, standing):
    rule = make_rule(condition="change")
    make_rollup(errors=20)
    assert History(environment.pk).instant([rule], standing.now).usual(rule, Series("web")) is None


def test_what_goes_on_for_long_does_not_become_usual_while_its_incident_is_open(make_rule, make_rollup, evaluate):
    make_rule(condition="change", threshold=4, recover_threshold=2, minimum_count=15)
    for ago in range(1, 60):
        make_rollup(errors=5, ago=ago)
    make_rollup(errors=50)
    evaluate()
    for _ in range(150):
        make_rollup(errors=50, ago=-1)
        evaluate(minutes=1)
        assert incident().state == "triggered"
    evaluate(minutes=1)
    assert incident().state == "resolved"


def test_once_a_person_has_resolved_it_a_new_level_becomes_usual(make_rule, make_rollup, evaluate):
    make_rule(condition="change", threshold=4, recover_threshold=2, minimum_count=15)
    make_rollup(errors=5, ago=1)
    make_rollup(errors=50)
    evaluate()
    resolve_incident(incident(), make_user())
    for _ in range(40):
        make_rollup(errors=50, ago=-1)
        evaluate(minutes=1)
    assert RuleState.objects.get().state == "resolved"


@pytest.mark.parametrize("minutes", [5, 120, 180, 1440])
def test_a_change_is_measured_against_history_however_long_the_window_is(make_rule, make_rollup, evaluate, minutes):
    make_rule(condition="change", threshold=4, window_minutes=minutes, minimum_count=15)
    make_rollup(errors=100)
    make_rollup(errors=100, ago=minutes)
    make_rollup(errors=0, ago=2 * minutes - 1)
    evaluate()
    assert not Incident.objects.exists()


def test_an_incident_is_not_what_is_usual(make_rule, make_rollup, evaluate):
    make_rule(threshold=50, window_minutes=5)
    for ago in range(1, 60):
        make_rollup(errors=2, ago=ago)
    for _ in range(10):
        make_rollup(errors=500, ago=-1)
        evaluate(minutes=1)
    for _ in range(20):
        make_rollup(errors=2, ago=-1)
        evaluate(minutes=1)
    make_rollup(errors=50, ago=-1)
    evaluate(minutes=1)
    said = Incident.objects.latest("opened_at").summary
    assert said == "web: 58 errors in 5 min; usual is 10."


def test_what_is_wrong_with_a_service_already_is_not_usual_for_another_rule(make_rule, make_rollup, evaluate):
    make_rule(threshold=50, window_minutes=5)
    for ago in range(1, 60):
        make_rollup(errors=2, requests=100, status_5xx=1, ago=ago)
    for _ in range(30):
        make_rollup(errors=500, requests=100, status_5xx=100, ago=-1)
        evaluate(minutes=1)
    make_rule(name="5xx", signal="status_5xx", condition="share", threshold=0.05)
    evaluate(seconds=1)
    assert Incident.objects.get(rule__name="5xx").summary == "web: 5xx 100% of 100 requests in 1 min; usual is 1%."


@pytest.mark.parametrize(
    ("bad", "left"),
    [
        ([], [(10, 50)]),
        ([(0, 5), (60, 70)], [(10, 50)]),
        ([(20, 30)], [(10, 20), (30, 50)]),
        ([(40, 60), (20, 30), (25, 28), (5, 12)], [(12, 20), (30, 40)]),
        ([(0, 90)], []),
    ],
)
def test_minutes_in_which_something_was_wrong_are_left_out(bad, left):
    assert spans_without(bad, 10, 50) == left
