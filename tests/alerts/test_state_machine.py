"""A series under a rule: pending, firing, resolved, and no flapping."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.evaluation.state_machine import SeriesState, State, Timing, Transition, step
from diagnostics.detection.sample import Verdict

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
BAD, WELL, BETWEEN = Verdict(True, False, 9.0), Verdict(False, True, 0.0), Verdict(False, False, 5.0)
WORDS = {"b": BAD, "w": WELL, "-": BETWEEN}
MARKS = {Transition.NONE: ".", Transition.FIRES: "F", Transition.RESOLVES: "R"}


def play(verdicts, pending=0, keep_firing=0, every=10):
    """What is told at each step, a letter a step, and the last state."""
    timing = Timing(timedelta(seconds=pending), timedelta(seconds=keep_firing))
    state, told = SeriesState(State.OK, START), ""
    for number, letter in enumerate(verdicts):
        state, transition = step(state, WORDS[letter], timing, START + timedelta(seconds=every * number))
        told += MARKS[transition]
    return told, state.state


@pytest.mark.parametrize(
    ("verdicts", "pending", "keep_firing", "told", "last"),
    [
        ("wwww", 0, 0, "....", State.OK),
        ("-", 0, 0, ".", State.OK),
        ("b", 0, 0, "F", State.FIRING),
        ("bbbb", 0, 0, "F...", State.FIRING),
        ("bw", 0, 0, "FR", State.RESOLVED),
        ("bbb", 30, 0, "...", State.PENDING),
        ("bbbb", 30, 0, "...F", State.FIRING),
        ("bbwbbb", 30, 0, "......", State.PENDING),  # one good look starts the wait anew
        ("bb-bbb", 30, 0, "......", State.PENDING),
        ("bwww", 0, 30, "F...", State.FIRING),
        ("bwwww", 0, 30, "F...R", State.RESOLVED),
        ("bwwbwww", 0, 30, "F......", State.FIRING),  # a relapse starts the wait anew
        ("bww-www", 0, 30, "F......", State.FIRING),  # so does the space between the two thresholds
        ("bwbwbwbw", 0, 30, "F.......", State.FIRING),  # flapping is one episode
        ("b-----", 0, 0, "F.....", State.FIRING),
        ("bwb", 0, 0, "FRF", State.FIRING),
        ("bwbb", 10, 0, "...F", State.FIRING),
        ("bbwb", 10, 0, ".FR.", State.PENDING),
    ],
)
def test_each_course_tells_what_it_should(verdicts, pending, keep_firing, told, last):
    assert play(verdicts, pending, keep_firing) == (told, last)


def test_times_are_kept_from_the_first_moment():
    timing = Timing(timedelta(seconds=30), timedelta(seconds=30))
    state, _ = step(SeriesState(State.OK, START - timedelta(days=1)), BAD, timing, START)
    state, _ = step(state, BAD, timing, START + timedelta(seconds=20))
    assert (state.state, state.since) == (State.PENDING, START)
    state, _ = step(state, BAD, timing, START + timedelta(seconds=40))
    assert (state.state, state.since) == (State.FIRING, START + timedelta(seconds=40))
    state, _ = step(state, WELL, timing, START + timedelta(seconds=50))
    state, _ = step(state, WELL, timing, START + timedelta(seconds=60))
    assert (state.since, state.well_since) == (START + timedelta(seconds=40), START + timedelta(seconds=50))


@pytest.mark.parametrize(
    ("before", "verdict"),
    [(SeriesState(State.PENDING, START), BAD), (SeriesState(State.FIRING, START, well_since=START), WELL)],
)
def test_a_clock_that_jumps_back_makes_no_time_pass(before, verdict):
    timing = Timing(timedelta(seconds=30), timedelta(seconds=30))
    state, transition = step(before, verdict, timing, START - timedelta(hours=1))
    assert (state.state, transition) == (before.state, Transition.NONE)
