"""Baseline rules from sums to incidents: fed once a minute, kept over restarts, shared between rules, bounded."""

import random
from datetime import timedelta

import pytest

from alerts.evaluation import history
from alerts.evaluation.baseline_store import SAVE_EVERY
from alerts.evaluation.baselines import Baselines, Key
from alerts.evaluation.run import evaluate_environment
from alerts.evaluation.series import Series
from alerts.evaluation.stretch import Row, Stretch
from alerts.models import BaselineState, Incident, RuleState
from diagnostics.core import clock
from diagnostics.models import MinuteRollup

pytestmark = pytest.mark.django_db
COUNTS = random.Random(4)


@pytest.fixture
def past(environment, standing):
    """Some hours of a service's quiet life."""

    def make(minutes, service="web", errors=3, requests=200):
        start = clock.floor_minute(standing.now)
        MinuteRollup.objects.bulk_create(
            MinuteRollup(
                environment=environment, minute=start - timedelta(minutes=ago), source="log", service_name=service,
                records=requests, errors=COUNTS.randint(0, 2 * errors), requests=COUNTS.randint(requests - 20, requests + 20),
            )
            for ago in range(1, minutes)
        )  # fmt: skip

    return make


@pytest.fixture
def live(environment, standing, make_rollup):
    """A minute passes: its sums, and an evaluation at its end."""

    def minute(**counts):
        make_rollup(**counts)
        standing.advance(minutes=1)
        evaluate_environment(environment.pk)

    return minute


def test_a_spike_fires_within_minutes_and_is_told_with_what_is_usual(make_rule, past, live, standing):
    make_rule(condition="baseline", threshold=0.5, window_minutes=3, minimum_count=5)
    past(300)
    for _ in range(5):
        live(errors=3, requests=200)
    assert not Incident.objects.exists()
    for _ in range(2):
        live(errors=60, requests=200)
    incident = Incident.objects.get()
    assert incident.summary.startswith("web: ")
    assert "errors in 3 min; usual is" in incident.summary
    for _ in range(240):
        live(errors=3, requests=200)
    assert Incident.objects.get().state == "resolved"


def test_a_spike_in_the_running_minute_does_not_wait_for_its_end(
    environment, make_rule, past, live, make_rollup, standing
):
    make_rule(condition="baseline", threshold=0.5, window_minutes=3, minimum_count=5)
    past(300)
    live(errors=3, requests=200)
    make_rollup(errors=80, requests=100)
    standing.advance(seconds=5)
    evaluate_environment(environment.pk)
    assert Incident.objects.count() == 1


def test_traffic_that_stops_is_a_drop_and_night_is_quiet_on_the_running_minute(
    environment, make_rule, past, live, standing
):
    make_rule(signal="requests", condition="baseline", threshold=0.5, window_minutes=3, minimum_count=0)
    past(300)
    live(errors=3, requests=200)
    evaluate_environment(environment.pk)  # the running minute has nothing yet
    assert not Incident.objects.exists()
    for _ in range(4):
        live(errors=0, requests=2)
    assert "requests in 3 min; usual is" in Incident.objects.get().summary


def test_a_new_service_at_low_traffic_wakes_nobody(make_rule, live):
    make_rule(condition="baseline", threshold=0.5, window_minutes=3, minimum_count=5)
    make_rule(signal="requests", condition="baseline", threshold=0.5, window_minutes=3, minimum_count=0)
    for number in range(180):
        live(errors=number % 7 == 0, requests=number % 3, records=3)
    assert not Incident.objects.exists()


def play(environment, past, live, standing, *, restart):
    """Minutes after the start at which an hour and a half with two spikes fires, from nothing."""
    for model in (Incident, RuleState, BaselineState, MinuteRollup):
        model.objects.all().delete()
    history.KEPT.clear()
    COUNTS.seed(4)
    past(300)
    start, firings = standing.now, []
    for number in range(90):
        live(errors=70 if number in (20, 21, 22, 60, 61) else 3, requests=200)
        firings += [state.since - start for state in RuleState.objects.filter(state="firing", since=standing.now)]
        if restart:
            history.KEPT.clear()
    assert Incident.objects.exists()
    return firings


def test_a_worker_that_begins_anew_at_every_minute_tells_the_same(environment, make_rule, past, live, standing):
    make_rule(condition="baseline", threshold=0.5, window_minutes=3, minimum_count=5, keep_firing_seconds=60)
    steady = play(environment, past, live, standing, restart=False)
    assert len(steady) == 2
    assert play(environment, past, live, standing, restart=True) == steady


def test_states_are_stored_now_and_then_and_are_small(make_rule, past, live):
    make_rule(condition="baseline", threshold=0.5)
    make_rule(condition="baseline", threshold=0.6)  # shares the detector
    past(300)
    live(errors=3, requests=200)
    state = BaselineState.objects.get()
    assert len(state.state) <= 8 * 1024
    for _ in range(SAVE_EVERY - 1):
        live(errors=3, requests=200)
    assert BaselineState.objects.get().through == state.through
    live(errors=3, requests=200)
    assert BaselineState.objects.get().through == state.through + SAVE_EVERY


def test_states_of_another_version_begin_anew(make_rule, past, live):
    make_rule(condition="baseline", threshold=0.5)
    past(300)
    live(errors=3, requests=200)
    BaselineState.objects.update(state=b"from another time")
    history.KEPT.clear()
    live(errors=3, requests=200)
    assert len(BaselineState.objects.get().state) > 100


def test_series_that_fall_silent_are_fed_no_longer_and_go_on_when_they_are_back(
    make_rule, past, live, environment, standing
):
    make_rule(condition="baseline", threshold=0.5)
    past(300)
    live(errors=3, requests=200)
    for _ in range(5):
        standing.advance(hours=10)
        evaluate_environment(environment.pk)
    live(errors=3, requests=200)
    for _ in range(30):
        live(errors=3, requests=200)
    assert not Incident.objects.exists()


@pytest.mark.parametrize("comes_back", [True, False])
def test_traffic_that_was_missed_while_the_product_was_down_is_no_drop(
    make_rule, past, live, environment, make_rollup, standing, comes_back
):
    make_rule(signal="requests", condition="baseline", threshold=0.6, minimum_count=0, window_minutes=5)
    past(300)
    for _ in range(5):
        live(requests=200)
    standing.advance(minutes=10)  # nothing runs, and what was sent is never told
    evaluate_environment(environment.pk)
    for number in range(20):
        live(requests=200 if number > 2 and comes_back else 0)
    assert Incident.objects.exists() is not comes_back


def test_the_baseline_of_a_service_whose_records_come_late_is_right(make_rule, make_rollup, evaluate):
    make_rule(condition="baseline", threshold=0.6, window_minutes=5, minimum_count=10)
    late = 2  # minutes: 90 s and more
    for _ in range(120):
        make_rollup(errors=COUNTS.randint(2, 6), requests=100, ago=late)
        evaluate(minutes=1)
    assert not Incident.objects.exists()
    for _ in range(4):
        make_rollup(errors=80, requests=100, ago=late)
        evaluate(minutes=1)
    assert "errors in 5 min" in Incident.objects.get().summary


def test_what_is_learned_is_what_a_minute_came_to_in_the_end():
    numbers = [COUNTS.randint(0, 9) for _ in range(200)]
    timely, late = Baselines(), Baselines(lag=2)
    key, series = Key("service", "errors"), Series("web")
    for end in range(3, 203):
        newest = [number // 2 for number in numbers[end - 2 : end]]  # the rest of them is on its way
        late.advance([key], stretch_of([*numbers[: end - 2], *newest]), end, end)
        if end <= len(numbers):
            timely.advance([key], stretch_of(numbers[:end]), end, end)
    assert late.tracked[key][series].through == timely.tracked[key][series].through
    assert late.tracked[key][series].detector.to_state() == timely.tracked[key][series].detector.to_state()


@pytest.mark.parametrize("surge", [True, False])
def test_looking_ahead_gives_the_very_score_where_nothing_comes_late(surge):
    numbers = [COUNTS.randint(0, 9) for _ in range(200)] + [40 if surge else 5] * 5
    timely, waiting = Baselines(), Baselines(lag=2)
    key, series = Key("service", "errors"), Series("web")
    for end in range(3, len(numbers)):
        stretch = stretch_of(numbers[:end])
        expected = timely.advance([key], stretch, end, end)
        assert waiting.advance([key], stretch, end, end) == expected
    assert (expected[key][series] > 0.6) is surge


def stretch_of(numbers):
    stretch = Stretch(["service"])
    rows = [Row(minute, "log", Series("web"), {"errors": number}) for minute, number in enumerate(numbers)]
    stretch.put(rows)
    return stretch
