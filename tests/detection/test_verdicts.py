"""The detectors' arithmetic: bad, well, or in between, and silent at low traffic."""

import pytest

from diagnostics.detection.change import judge_change
from diagnostics.detection.sample import NOTHING_TO_SAY, Sample
from diagnostics.detection.share import judge_share
from diagnostics.detection.threshold import judge_threshold

BAD, WELL, BETWEEN = (True, False), (False, True), (False, False)


def said(verdict):
    return verdict.is_bad, verdict.is_well


@pytest.mark.parametrize(
    ("value", "count", "expected"),
    [(99, 99, BETWEEN), (100, 100, BAD), (101, 101, BAD), (50, 50, BETWEEN), (49.9, 49, WELL), (0, 0, WELL)],
)
def test_a_threshold_fires_from_its_value_on_and_recovers_below_the_second_one(value, count, expected):
    assert said(judge_threshold(Sample(value, count), threshold=100, recover=50, minimum_count=1)) == expected


@pytest.mark.parametrize(("count", "expected"), [(24, WELL), (25, BAD)])
def test_a_slow_percentile_of_few_requests_means_nothing(count, expected):
    verdict = judge_threshold(Sample(9000.0, count), threshold=1500, recover=1000, minimum_count=25)
    assert said(verdict) == expected
    assert verdict.measured == 9000.0


@pytest.mark.parametrize(
    ("failed", "requests", "expected"),
    [
        (1, 2, WELL),  # half of two is nothing
        (7, 20, WELL),  # too few failures
        (8, 19, WELL),  # too few requests
        (8, 20, BAD),
        (50, 1000, BAD),  # the share itself counts
        (49, 1000, BETWEEN),
        (30, 1000, BETWEEN),
        (29, 1000, WELL),
        (0, 0, BETWEEN),
    ],
)
def test_a_share_needs_enough_failures_and_enough_requests(failed, requests, expected):
    sample = Sample(float(failed), failed, requests)
    assert said(judge_share(sample, 0.05, 0.03, minimum_count=8, minimum_sample=20)) == expected


def test_a_share_is_told_as_a_fraction_and_without_requests_it_is_nothing():
    assert judge_share(Sample(30.0, 30, 120), 0.05, 0.05, 1, 0).measured == 0.25
    assert judge_share(Sample(30.0, 30, 0), 0.05, 0.05, 1, 0) == NOTHING_TO_SAY


@pytest.mark.parametrize(
    ("failed", "requests", "expected", "is_few"),
    [
        (5, 5, BETWEEN, True),  # everything still fails, and fewer try
        (8, 19, BETWEEN, True),
        (0, 5, WELL, False),  # nothing fails
        (8, 20, BAD, False),
        (30, 1000, BETWEEN, False),
        (29, 1000, WELL, False),
    ],
)
def test_a_share_that_fires_does_not_recover_because_there_is_less_of_it(failed, requests, expected, is_few):
    sample = Sample(float(failed), failed, requests)
    verdict = judge_share(sample, 0.05, 0.03, minimum_count=8, minimum_sample=20, is_firing=True)
    assert (said(verdict), verdict.is_few, verdict.has_data) == (expected, is_few, not is_few)
    assert verdict.measured == failed / requests


@pytest.mark.parametrize(("value", "count", "is_few"), [(9000, 24, True), (9000, 25, False), (900, 24, False)])
def test_a_slow_percentile_that_fires_does_not_recover_because_there_is_less_of_it(value, count, is_few):
    verdict = judge_threshold(Sample(float(value), count), 1500, 1000, minimum_count=25, is_firing=True)
    assert (verdict.is_few, verdict.is_well) == (is_few, value < 1000)


@pytest.mark.parametrize(
    ("value", "usual", "expected"),
    [
        (40, 10, BAD),
        (39, 10, BETWEEN),
        (20, 10, BETWEEN),
        (19, 10, WELL),
        (14, 1, WELL),  # fourteen times the usual, and below the floor
        (15, 1, BAD),
        (15, 0, BAD),  # from nothing: a zero baseline neither divides nor hides
        (3, 0, WELL),
        (15, None, BAD),  # never seen before counts as usually quiet
        (15, 0.2, BAD),
        (0, 0, WELL),  # nothing is not a multiple of nothing
    ],
)
def test_a_change_needs_both_the_factor_and_the_floor(value, usual, expected):
    sample = Sample(float(value), value, usual=usual)
    assert said(judge_change(sample, factor=4.0, recover=2.0, floor=15)) == expected


def test_a_change_is_told_as_the_factor_and_never_of_less_than_one():
    assert judge_change(Sample(40.0, 40, usual=10.0), 4, 2, 15).measured == 4.0
    assert judge_change(Sample(40.0, 40, usual=0.1), 4, 2, 15).measured == 40.0


@pytest.mark.parametrize(
    "judge",
    [
        lambda sample: judge_threshold(sample, 10, 20, 1),
        lambda sample: judge_share(sample, 0.1, 0.9, 1, 0),
        lambda sample: judge_change(sample, 2, 9, 1),
    ],
)
def test_nothing_is_bad_and_well_at_once_even_with_thresholds_the_wrong_way_round(judge):
    assert said(judge(Sample(15.0, 15, 100, usual=5.0))) == BAD
