"""The novelty detector on plain cases."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.detection.novelty import NoveltyDetector
from diagnostics.detection.stored import StateError

START = 1_767_571_200
STEP = 300
POINTS = 2000
RINGS = NoveltyDetector.THRESHOLD


def usual(rng, point):
    return 50 + 10 * math.sin(2 * math.pi * point / 288) + rng.gauss(0, 1)


@pytest.fixture(scope="module")
def trained():
    detector, rng = NoveltyDetector(), random.Random(1)
    scores = [detector.update(START + STEP * point, usual(rng, point)) for point in range(POINTS)]
    return detector.to_state(), scores


def fresh(trained):
    return NoveltyDetector.from_state(trained[0])


def next_at(point):
    return START + STEP * (POINTS + point)


def test_usual_values_ring_rarely(trained):
    scores = trained[1]
    assert all(0.0 <= score < 1.0 for score in scores)
    assert sum(score >= RINGS for score in scores[300:]) <= 2


@pytest.mark.parametrize("value", [200.0, -100.0, 95.0])
def test_a_value_never_seen_rings_at_once_and_then_rests(trained, value):
    detector, rng = fresh(trained), random.Random(2)
    assert detector.update(next_at(0), value) >= RINGS
    assert max(detector.update(next_at(point), usual(rng, POINTS + point)) for point in range(1, 60)) < RINGS


def test_something_worse_rings_during_the_rest(trained):
    detector = fresh(trained)
    assert detector.update(next_at(0), 95.0) >= RINGS
    assert detector.update(next_at(1), 50.0) < RINGS
    assert detector.update(next_at(2), 5000.0) >= RINGS


def test_a_known_level_with_another_movement_is_more_surprising_than_the_usual(trained):
    wild, calm = fresh(trained), fresh(trained)
    scores = ([], [])
    for point in range(40):
        scores[0].append(wild.update(next_at(point), 42.0 if point % 2 else 58.0))
        scores[1].append(calm.update(next_at(point), usual(random.Random(point), POINTS + point)))
    assert max(scores[0]) > max(scores[1])


def test_a_constant_series_is_quiet_until_it_moves():
    detector = NoveltyDetector()
    assert max(detector.update(START + STEP * point, 7.0) for point in range(1000)) < RINGS
    assert detector.update(START + STEP * 1000, 8.0) >= RINGS


@pytest.mark.parametrize("unknown", [None, math.nan, math.inf])
def test_unknown_late_and_doubled_points_change_nothing_else(trained, unknown):
    detector, steady = fresh(trained), fresh(trained)
    assert detector.update(next_at(0), unknown) == 0.0
    assert steady.update(next_at(0), None) == 0.0
    before = detector.to_state()
    detector.update(next_at(0), 999.0)
    detector.update(next_at(0) - 5, 999.0)
    assert detector.to_state() == before
    assert detector.update(next_at(1), 60.0) == steady.update(next_at(1), 60.0)


def test_a_stored_detector_goes_on_as_if_nothing_had_been(trained):
    steady, stored, rng = fresh(trained), fresh(trained), random.Random(3)
    for point in range(100):
        value = 130.0 if point == 50 else usual(rng, POINTS + point)
        assert stored.update(next_at(point), value) == steady.update(next_at(point), value)
        stored = NoveltyDetector.from_state(stored.to_state())


def test_the_state_is_bounded_whatever_comes():
    detector, rng = NoveltyDetector(), random.Random(4)
    for point in range(5000):
        detector.update(START + STEP * point, rng.lognormvariate(0, 4) * rng.choice((-1, 1)))
    assert len(detector.to_state()) <= 8192


def test_a_damaged_state_is_refused(trained):
    for wrong in (b"", trained[0][:-8], bytes([99]) + trained[0][1:]):
        with pytest.raises(StateError):
            NoveltyDetector.from_state(wrong)


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.one_of(st.none(), st.floats()), max_size=150))
def test_whatever_comes_the_score_is_a_share_and_the_state_survives(values):
    detector = NoveltyDetector()
    for point, value in enumerate(values):
        other = NoveltyDetector.from_state(detector.to_state())
        score = detector.update(START + STEP * point, value)
        assert 0.0 <= score <= 1.0
        assert other.update(START + STEP * point, value) == score
