"""The baseline detector on plain cases: what must ring, what must not, and what time may do to a series."""

import math
import pickle
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.detection.baseline import KINDS, BaselineDetector
from diagnostics.detection.stored import StateError

START = 1_767_571_200  # a Monday, midnight
DAY = 1440
LARGEST_STATE = 8192


def poisson(rng, mean):
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return float(count)


def usual(kind, rng, minute):
    """Business as usual, with a day in it."""
    day = 1 + 0.5 * math.sin(2 * math.pi * minute / DAY)
    if kind == "latency":
        return 120 * day * rng.lognormvariate(0, 0.1)
    return poisson(rng, {"errors": 2, "log": 0.5, "requests": 40}[kind] * day)


def feed(detector, kind, rng, minutes, start=0):
    return [detector.update(START + 60 * m, usual(kind, rng, m)) for m in range(start, start + minutes)]


@pytest.fixture(scope="module")
def trained():
    """A detector of each kind after three days, and the scores on the way: made once, taken from their state."""
    made = {}
    for kind in KINDS:
        detector = BaselineDetector(kind)
        scores = feed(detector, kind, random.Random(kind), 3 * DAY)
        made[kind] = (detector.to_state(), scores)
    return made


def fresh(trained, kind):
    return BaselineDetector.from_state(kind, trained[kind][0])


def next_at(minute):
    return START + 60 * (3 * DAY + minute)


BAD = {"errors": 25.0, "log": 15.0, "latency": 600.0, "requests": 0.0}


@pytest.mark.parametrize("kind", KINDS)
def test_usual_days_are_quiet(trained, kind):
    scores = trained[kind][1]
    assert all(0.0 <= score < 1.0 for score in scores)
    assert max(scores) < BaselineDetector.THRESHOLD


@pytest.mark.parametrize("kind", KINDS)
def test_a_plain_incident_rings_within_three_minutes_and_stops_ringing_after_it(trained, kind):
    detector, rng = fresh(trained, kind), random.Random(1)
    during = [detector.update(next_at(m), BAD[kind]) for m in range(15)]
    assert max(during[:3]) >= BaselineDetector.THRESHOLD
    after = [detector.update(next_at(m), usual(kind, rng, m)) for m in range(15, 120)]
    assert max(after[75:]) < BaselineDetector.THRESHOLD


@pytest.mark.parametrize("kind", ["errors", "log"])
def test_fewer_errors_and_faster_answers_are_no_alarm(trained, kind):
    detector = fresh(trained, kind)
    assert max(detector.update(next_at(m), 0.0) for m in range(60)) < BaselineDetector.THRESHOLD


def test_faster_answers_are_no_alarm(trained):
    detector = fresh(trained, "latency")
    assert max(detector.update(next_at(m), 20.0) for m in range(60)) < BaselineDetector.THRESHOLD


def test_more_traffic_is_no_alarm(trained):
    detector = fresh(trained, "requests")
    assert max(detector.update(next_at(m), 900.0) for m in range(60)) < BaselineDetector.THRESHOLD


def test_one_slow_minute_is_no_alarm(trained):
    detector, rng = fresh(trained, "latency"), random.Random(1)
    assert detector.update(next_at(0), 3000.0) < BaselineDetector.THRESHOLD
    assert max(detector.update(next_at(m), usual("latency", rng, m)) for m in range(1, 30)) < BaselineDetector.THRESHOLD


def test_errors_that_grow_with_the_traffic_are_no_alarm_but_a_larger_share_is():
    detector, rng = BaselineDetector("errors"), random.Random(5)
    scores = []
    for minute in range(2 * DAY):
        requests = 4000.0 if 2000 <= minute < 2060 else 500.0
        scores.append(detector.update(START + 60 * minute, poisson(rng, requests * 0.01), requests))
    assert max(scores) < BaselineDetector.THRESHOLD
    during = [detector.update(START + 60 * (2 * DAY + m), poisson(rng, 25.0), 500.0) for m in range(5)]
    assert max(during[:3]) >= BaselineDetector.THRESHOLD


def test_a_level_that_stays_becomes_the_usual_one(trained):
    detector, rng = fresh(trained, "errors"), random.Random(1)
    scores = [detector.update(next_at(m), poisson(rng, 12.0)) for m in range(2 * DAY)]
    assert max(scores[:10]) >= BaselineDetector.THRESHOLD
    assert max(scores[240:DAY]) < BaselineDetector.THRESHOLD


def test_an_hourly_job_rings_at_first_and_then_no_more():
    detector, rng = BaselineDetector("errors"), random.Random(3)
    scores = [
        detector.update(START + 60 * m, poisson(rng, 1.0) + (30.0 if m % 60 == 7 else 0.0)) for m in range(2 * DAY)
    ]
    assert max(scores[6 * 60 :]) < BaselineDetector.THRESHOLD


def test_a_new_series_has_no_opinion_at_once():
    for kind in KINDS:
        detector = BaselineDetector(kind)
        assert [detector.update(START + 60 * m, 1000.0 * m + 1) for m in range(20)] == [0.0] * 20


def test_the_usual_value_and_its_band_are_told(trained):
    detector = fresh(trained, "latency")
    detector.update(next_at(0), 130.0)
    low, high = detector.band
    assert 0 < low < detector.expected < high
    assert 90 < detector.expected < 150
    assert detector.kind == "latency"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("unknown", [None, math.nan, math.inf, -1.0])
def test_unknown_minutes_are_neither_zero_nor_an_alarm(trained, kind, unknown):
    detector, rng = fresh(trained, kind), random.Random(2)
    assert [detector.update(next_at(m), unknown) for m in range(90)] == [0.0] * 90
    after = [detector.update(next_at(m), usual(kind, rng, m)) for m in range(90, 200)]
    assert max(after) < BaselineDetector.THRESHOLD


@pytest.mark.parametrize("kind", KINDS)
def test_a_month_of_silence_is_survived(trained, kind):
    detector, rng, later = fresh(trained, kind), random.Random(2), 33 * DAY
    scores = [detector.update(START + 60 * m, usual(kind, rng, m)) for m in range(later, later + 180)]
    assert max(scores) < BaselineDetector.THRESHOLD
    bad = [detector.update(START + 60 * m, BAD[kind]) for m in range(later + 180, later + 190)]
    assert max(bad) >= BaselineDetector.THRESHOLD


@pytest.mark.parametrize("kind", KINDS)
def test_late_and_doubled_points_change_nothing(trained, kind):
    detector = fresh(trained, kind)
    score = detector.update(next_at(0), BAD[kind])
    before = detector.to_state()
    assert detector.update(next_at(0), 5.0) == score
    assert detector.to_state() == before
    assert detector.update(next_at(-1), 5.0) == score
    assert detector.update(next_at(-200), 5.0) == score
    again = BaselineDetector.from_state(kind, before)
    assert detector.update(next_at(1), BAD[kind]) == again.update(next_at(1), BAD[kind])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("jump", [-60, -7, 60, -5 * DAY])
def test_a_clock_that_is_set_is_followed(trained, kind, jump):
    detector, rng = fresh(trained, kind), random.Random(2)
    usual_scores = [detector.update(next_at(jump + m), usual(kind, rng, m)) for m in range(60)]
    assert max(usual_scores) < BaselineDetector.THRESHOLD
    assert max(detector.update(next_at(jump + m), BAD[kind]) for m in range(60, 70)) >= BaselineDetector.THRESHOLD


def test_seconds_of_jitter_lose_no_minute():
    steady, shaken, rng = BaselineDetector("errors"), BaselineDetector("errors"), random.Random(4)
    values = [poisson(rng, 3.0) for _ in range(600)]
    for minute, value in enumerate(values):
        steady.update(START + 60 * minute + 30, value)
        shaken.update(START + 60 * minute + 30 + rng.uniform(-10, 10), value)
    assert shaken.expected == pytest.approx(steady.expected)


def test_dates_are_unix_seconds_and_without_a_zone_utc():
    forms = [
        lambda m: START + 60 * m,
        lambda m: datetime.fromtimestamp(START + 60 * m, UTC),
        lambda m: datetime.fromtimestamp(START + 60 * m, UTC).replace(tzinfo=None),
        lambda m: datetime.fromtimestamp(START + 60 * m, UTC).astimezone() + timedelta(0),
    ]
    states = []
    for form in forms:
        detector = BaselineDetector("errors")
        for minute in range(100):
            detector.update(form(minute), float(minute % 3))
        states.append(detector.to_state())
    assert len(set(states)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_stored_detector_goes_on_as_if_nothing_had_been(trained, kind):
    steady, rng = fresh(trained, kind), random.Random(9)
    stored = fresh(trained, kind)
    for minute in range(150):
        value = BAD[kind] if 60 <= minute < 90 else usual(kind, rng, minute)
        assert stored.update(next_at(minute), value) == steady.update(next_at(minute), value)
        stored = BaselineDetector.from_state(kind, stored.to_state())
        assert (stored.expected, stored.band) == (steady.expected, steady.band)


@pytest.mark.parametrize("kind", KINDS)
def test_the_state_is_bounded_whatever_comes(kind):
    detector, rng = BaselineDetector(kind), random.Random(6)
    for minute in range(4 * DAY):
        detector.update(START + 60 * minute, 1e6 if rng.random() < 0.2 else float(rng.randint(0, 3)))
    assert len(detector.to_state()) <= LARGEST_STATE


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_full_of_spikes_fits(kind):
    detector = BaselineDetector(kind)
    for minute in range(DAY):
        detector.scan.recurrence.hours.note(minute, 1.0)
        detector.scan.recurrence.days.note(minute, 1.0)
    state = detector.to_state()
    assert len(state) <= LARGEST_STATE
    assert BaselineDetector.from_state(kind, state).to_state() == state


def test_a_state_of_another_kind_version_or_length_is_refused(trained):
    state = trained["errors"][0]
    for wrong in (b"", b"xx", state[:-8], state + b"12345678", bytes([99]) + state[1:], pickle.dumps({})):
        with pytest.raises(StateError):
            BaselineDetector.from_state("errors", wrong)
    with pytest.raises(StateError):
        BaselineDetector.from_state("latency", state)


def test_an_unknown_kind_is_refused_by_name():
    with pytest.raises(ValueError, match="errors, log, latency, requests"):
        BaselineDetector("memory")


POINTS = st.lists(
    st.tuples(
        st.one_of(st.integers(-3, 200), st.floats(-1e6, 1e6), st.just(math.nan)),
        st.one_of(st.none(), st.floats(), st.integers(0, 50).map(float)),
        st.one_of(st.none(), st.floats(), st.integers(0, 500).map(float)),
    ),
    max_size=120,
)


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(KINDS), points=POINTS, trained_first=st.booleans())
def test_whatever_comes_the_score_is_a_share_and_the_state_survives(trained, kind, points, trained_first):
    detector = fresh(trained, kind) if trained_first else BaselineDetector(kind)
    other = BaselineDetector.from_state(kind, detector.to_state())
    now = next_at(0)
    for step, value, exposure in points:
        now = now + 60 * step if math.isfinite(step) else step
        score = detector.update(now, value, exposure)
        assert 0.0 <= score <= 1.0
        assert other.update(now, value, exposure) == score
        other = BaselineDetector.from_state(kind, other.to_state())
        if not math.isfinite(now):
            now = next_at(0)
        low, high = detector.band
        assert low <= detector.expected <= high
