"""Two releases against each other: what is worse, what is better, and what nobody can tell."""

import pytest

from diagnostics.core.histogram import bucket_of
from diagnostics.detection.comparison import Side, Standing, compare_shares, compare_times, judge, overall

W, B, S, T = Standing.WORSE, Standing.BETTER, Standing.SAME, Standing.TOO_LITTLE


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((20, 10_000), (310, 10_000), W),  # 0.2% to 3.1%
        ((310, 10_000), (20, 10_000), B),
        ((20, 10_000), (21, 10_000), S),  # by chance
        ((200, 100_000), (206, 100_000), S),  # sure, were it not nothing
        ((2_000, 10_000_000), (3_500, 10_000_000), S),  # surely more, and nobody cares: 0.02% and 0.035%
        ((0, 1_000), (0, 1_000), S),
        ((0, 100), (0, 100), T),  # 2% could fail and not show
        ((0, 19), (19, 19), T),  # below the floor of requests
        ((0, 10_000), (15, 19), T),
        ((3, 459), (17, 20), W),
        ((0, 60), (4, 60), T),  # below the floor of failures
        ((0, 60), (40, 60), W),
        ((1, 200), (4, 200), T),  # four times as many, of too few
        ((5_000, 10_000), (5_100, 10_000), S),
        ((5_000, 10_000), (9_000, 10_000), W),
        ((10_000, 10_000), (10_000, 10_000), S),
    ],
)
def test_shares_are_compared_with_floors(old, new, expected):
    change = compare_shares("failed", *old, *new)
    assert change.standing == expected
    assert (change.before, change.after) == (old[0] / old[1], new[0] / new[1])


def test_a_share_of_nothing_is_not_compared():
    assert compare_shares("failed", 0, 0, 5, 100) is None
    assert compare_shares("failed", 5, 100, 0, 0) is None


def test_what_comes_in_clumps_must_be_more():
    assert compare_shares("failed", 0, 1_000, 18, 1_000).standing == W
    assert compare_shares("errors", 0, 1_000, 18, 1_000, clump=4).standing == T
    assert compare_shares("errors", 0, 1_000, 60, 1_000, clump=4).standing == W


def times(**counts):
    return {str(bucket_of(float(name.removeprefix("ms")))): count for name, count in counts.items()}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (times(ms100=900, ms300=100), times(ms100=900, ms900=100), W),
        (times(ms100=900, ms900=100), times(ms100=900, ms300=100), B),
        (times(ms100=900, ms300=100), times(ms100=900, ms310=100), S),
        (times(ms100=180, ms300=19), times(ms100=180, ms900=19), T),  # 199 requests
        (times(ms100=270, ms300=30), times(ms100=270, ms310=30), T),  # not enough to say that it is the same
        (times(ms1=900, ms2=100), times(ms1=900, ms4=100), S),  # twice as long, and nobody can feel it
        # The slowest twentieth begins where few are: chance alone puts it at 300 or at 900 ms.
        (times(ms100=955, ms300=45), times(ms100=945, ms900=55), T),
    ],
)
def test_response_times_are_compared_by_ranks_with_floors(old, new, expected):
    assert compare_times(old, new).standing == expected


def test_no_durations_are_not_compared():
    assert compare_times({}, times(ms100=1000)) is None
    assert compare_times(times(ms100=1000), {}) is None


@pytest.mark.parametrize(
    ("standings", "expected"),
    [([], T), ([T, T], T), ([T, S], S), ([S, B], B), ([B, W], W), ([S, T, W], W)],
)
def test_one_word_for_several_figures(standings, expected):
    assert overall(standings) == expected


def test_a_verdict_tells_what_changed_the_worse_first():
    old = Side(10_000, 400, 10_000, 300, times(ms100=900, ms300=100))
    new = Side(10_000, 40, 10_000, 20, times(ms100=900, ms900=100))
    verdict = judge(old, new)
    assert verdict.standing == W
    assert [(change.signal, change.standing) for change in verdict.telling] == [
        ("p95", W), ("failed", B), ("errors", B),
    ]  # fmt: skip


def test_a_new_fatal_error_is_worse_whatever_got_better():
    verdict = judge(Side(requests=1000, failures=700), Side(requests=1000, failures=2), new_fatals=2)
    assert verdict.standing == W
    assert [(change.signal, change.after) for change in verdict.telling] == [("fatal", 2), ("failed", 0.002)]


def test_a_verdict_of_nothing_is_too_little_to_tell():
    assert judge(Side(), Side()).standing == T
    assert judge(Side(), Side()).telling == []
