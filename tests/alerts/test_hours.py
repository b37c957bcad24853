"""Hours of the week: on the wall clock, over midnight, and when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.hours import Days, Hours, read_days, read_zone

BERLIN = "Europe/Berlin"


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))


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
    assert read_days(days) == Days(frozenset(expected))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "monday",
        "mon-",
        "-fri",
        "mon;fri",
        "mon-fri-sun",
        "mon,,fri",
        "0",
        "32",
        "5-1",
        "1-",
        "-5",
        "1.5",
        "²",
        "1st",
        "6th mon",
        "first sun",
        "1st sun-mon",
        "last last",
        "last-sun",
        "15-last",
        "mon-5",
        "001",
    ],
)
def test_other_days_are_refused_with_what_is_expected(text):
    with pytest.raises(ValueError, match="mon, tue"):
        read_days(text)


@pytest.mark.parametrize(
    ("days", "expected"),  # of 2028, whose February has 29 days
    [
        ("1st sun", ["01-02", "02-06", "03-05"]), ("last fri", ["01-28", "02-25", "03-31"]),
        ("5th mon", ["01-31", "05-29", "07-31"]), ("15", ["01-15", "02-15", "03-15"]),
        ("last", ["01-31", "02-29", "03-31"]), ("31", ["01-31", "03-31", "05-31"]),
        ("30-31", ["01-30", "01-31", "03-30"]), ("2nd tue, 1", ["01-01", "01-11", "02-01"]),
    ],
)  # fmt: skip
def test_days_of_the_month_are_read_as_people_write_them(days, expected):
    found = read_days(days)
    year = [date(2028, 1, 1) + timedelta(days=ahead) for ahead in range(366)]
    assert [f"{day:%m-%d}" for day in year if day in found][:3] == expected


def test_a_window_of_the_month_comes_again_however_far_away():
    patches = hours("2nd tue", "22:00", "02:00", BERLIN)
    assert patches.span_around(at("2026-11-11T01:59", BERLIN))  # it began on Tuesday the 10th
    assert not patches.span_around(at("2026-11-17T23:00", BERLIN))
    assert patches.next_start(at("2026-11-11T02:00", BERLIN)) == at("2026-12-08T22:00", BERLIN)
    assert hours("5th sun", "03:00", "04:00").next_start(at("2026-01-01T00:00")) == at("2026-03-29T03:00")
    month_end = hours("last", "23:00", "01:00")
    assert month_end.span_around(at("2026-03-01T00:30"))  # of February's last day


@given(
    moment=MOMENTS, dates=st.frozensets(st.integers(0, 31)), zone=st.sampled_from(["UTC", BERLIN]),
    weeks=st.frozensets(st.tuples(st.integers(0, 5), st.integers(0, 6)), min_size=1),
)  # fmt: skip
def test_every_window_of_the_month_comes_again(moment, dates, weeks, zone):
    found = Hours(Days(frozenset(), dates, weeks), time(4), time(5), ZoneInfo(zone))
    start = found.next_start(moment)
    assert start >= moment
    assert found.span_around(start) is not None


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


@given(
    moment=MOMENTS, begins=TIMES, ends=TIMES, days=st.frozensets(st.integers(0, 6), min_size=1).map(Days),
    zone=st.sampled_from(["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)  # fmt: skip
def test_the_next_start_is_inside_and_within_a_week(moment, begins, ends, days, zone):
    found = Hours(days, begins, ends, ZoneInfo(zone))
    start = found.next_start(moment)
    assert moment <= start <= moment + timedelta(days=7, hours=2)
    begins_at, ends_at = found.span_of(start.astimezone(found.zone).date())
    if ends_at > begins_at:  # a span within the skipped hour alone is empty on that day
        assert found.span_around(start) is not None
