"""Hours of the week: on the wall clock, over midnight, and when the clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.hours import Hours, read_days, read_zone

BERLIN = "Europe/Berlin"


def hours(days, begins, ends, zone="UTC"):
    return Hours(read_days(days), time.fromisoformat(begins), time.fromisoformat(ends), ZoneInfo(zone))


def at(text, zone="UTC"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("mon", {0}), ("mon-fri", {0, 1, 2, 3, 4}), ("Sat, SUN", {5, 6}), ("fri-mon", {4, 5, 6, 0}),
        ("mon-wed,wed,sun", {0, 1, 2, 6}), ("mon-sun", set(range(7))),
    ],
)  # fmt: skip
def test_days_are_read_as_people_write_them(days, expected):
    assert read_days(days) == expected


@pytest.mark.parametrize("text", ["", "monday", "mon-", "-fri", "mon;fri", "mon-fri-sun", "1-5", "mon,,fri"])
def test_other_days_are_refused_with_what_is_expected(text):
    with pytest.raises(ValueError, match="mon, tue"):
        read_days(text)


@pytest.mark.parametrize("text", ["", "Berlin", "../../etc/passwd", "Europe/Nowhere", "UTC\0", "/etc/localtime"])
def test_other_zones_are_refused_with_what_is_expected(text):
    with pytest.raises(ValueError, match="Europe/Berlin"):
        read_zone(text)


@pytest.mark.parametrize(
    ("moment", "is_inside"),
    [
        ("2026-03-02T09:00", True), ("2026-03-02T08:59:59", False), ("2026-03-02T16:59:59", True),
        ("2026-03-02T17:00", False), ("2026-03-01T12:00", False),
    ],
)  # fmt: skip
def test_a_span_holds_its_beginning_and_not_its_end(moment, is_inside):
    assert (hours("mon-fri", "09:00", "17:00").span_around(at(moment)) is not None) == is_inside


def test_a_span_over_midnight_belongs_to_the_day_on_which_it_begins():
    night = hours("fri", "22:00", "06:00")
    assert night.span_around(at("2026-03-07T05:59"))  # Saturday morning
    assert not night.span_around(at("2026-03-06T05:59"))  # Friday morning
    assert night.next_start(at("2026-03-07T06:00")) == at("2026-03-13T22:00")


def test_wall_times_keep_their_meaning_when_the_clocks_change():
    work = hours("mon-sun", "09:00", "17:00", BERLIN)
    assert work.next_start(at("2026-03-28T18:00", BERLIN)) == datetime(2026, 3, 29, 7, tzinfo=UTC)  # summer: UTC+2
    assert work.next_start(at("2026-10-24T18:00", BERLIN)) == datetime(2026, 10, 25, 8, tzinfo=UTC)  # winter: UTC+1


def test_the_hour_that_is_skipped_and_the_hour_that_comes_twice():
    early = hours("sun", "02:00", "03:00", BERLIN)
    begins, ends = early.span_around(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert ends - begins == timedelta(hours=2)  # both times round
    assert early.span_around(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)) == (begins, ends)
    spring = hours("sun", "02:30", "04:00", BERLIN)
    assert spring.next_start(at("2026-03-28T12:00", BERLIN)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert hours("sun", "00:00", "00:00", BERLIN).span_around(at("2026-03-29T23:59", BERLIN))


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))


@given(
    moment=MOMENTS, begins=TIMES, ends=TIMES, days=st.frozensets(st.integers(0, 6), min_size=1),
    zone=st.sampled_from(["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)  # fmt: skip
def test_the_next_start_is_inside_and_within_a_week(moment, begins, ends, days, zone):
    found = Hours(days, begins, ends, ZoneInfo(zone))
    start = found.next_start(moment)
    assert moment <= start <= moment + timedelta(days=7, hours=2)
    begins_at, ends_at = found.span_of(start.astimezone(found.zone).date())
    if ends_at > begins_at:  # a span within the skipped hour alone is empty on that day
        assert found.span_around(start) is not None
