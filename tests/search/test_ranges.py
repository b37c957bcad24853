"""The time of a page: read from its address, shifted, made longer, written back."""

from datetime import UTC, datetime, timedelta

import pytest

from diagnostics.search.ranges import read_range

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hour, minute=0):
    return datetime(2030, 1, 31, hour, minute, tzinfo=UTC)


def ask(**params):
    return read_range(params, "24h", NOW)


@pytest.mark.parametrize(
    ("params", "since", "until", "name"),
    [
        ({}, NOW - 24 * HOUR, NOW, "24h"),
        ({"range": "6h"}, at(6), NOW, "6h"),
        ({"range": "a while"}, NOW - 24 * HOUR, NOW, "24h"),
        ({"since": "2030-01-31T09:00", "until": "2030-01-31T10:30"}, at(9), at(10, 30), ""),
        ({"since": "2030-01-31T10:00+01:00", "range": "6h"}, at(9), NOW, ""),
        ({"until": "2030-01-31T10:00:00Z", "range": "1h"}, at(9), at(10), ""),
    ],
)
def test_a_range_or_moments_are_read(params, since, until, name):
    time = ask(**params)
    assert (time.since, time.until, time.name) == (since, until, name)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"since": "noon"}, "since: not a time"),
        ({"until": "noon"}, "until: not a time"),
        ({"since": "2101-01-01"}, "since: use a time from 1970 to 2099"),
        ({"since": "2030-01-31T10:00", "until": "2030-01-31T10:00"}, "until: choose a time after since"),
    ],
)
def test_what_is_wrong_names_the_parameter_and_the_limit(params, said):
    with pytest.raises(ValueError, match=said):
        ask(**params)


def test_it_is_written_as_it_was_read():
    for params in ({"range": "6h"}, {"since": "2030-01-31T09:00:00Z"},
                   {"since": "2030-01-31T09:00:00Z", "until": "2030-01-31T10:30:00Z"}):  # fmt: skip
        assert ask(**params).params() == params


def test_shifting_keeps_the_length_and_overlaps_by_half():
    time = ask(since="2030-01-31T08:00", until="2030-01-31T10:00")
    assert time.shifted(-1).params() == {"since": "2030-01-31T07:00:00Z", "until": "2030-01-31T09:00:00Z"}
    assert time.shifted(-1).shifted(1) == time


def test_zooming_out_doubles_the_length_around_the_middle_up_to_a_bound():
    time = ask(since="2030-01-31T08:00", until="2030-01-31T10:00")
    assert time.zoomed_out().params() == {"since": "2030-01-31T07:00:00Z", "until": "2030-01-31T11:00:00Z"}


def test_beyond_all_of_time_there_are_no_ways():
    everything = ask(since="1970-01-01", until="2099-12-31")
    assert everything.zoomed_out() is everything.shifted(-1) is everything.shifted(1) is None


def test_a_time_that_is_still_to_come_is_empty_and_no_error():
    time = ask(since="2030-02-01")
    assert time.until > time.since > NOW


def test_what_goes_on_with_the_clock_has_no_end():
    assert ask(range="1h").end is None
    assert ask(since="2030-01-31T08:00").end is None
    assert ask(until="2030-01-31T08:00").end == at(8)
