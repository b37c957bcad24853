"""Schedules: intervals, cron lines, and what they do when the clocks change."""

from datetime import UTC, datetime

import pytest

from alerts.monitors.schedule import parse_schedule, upcoming

NOON = datetime(2026, 3, 4, 12, 0, 30, tzinfo=UTC)  # a Wednesday


def due(text, after=NOON, zone="UTC", count=3):
    return [f"{one:%m-%d %H:%M}" for one in upcoming(parse_schedule(text, zone), after, count)]


@pytest.mark.parametrize(
    ("text", "stored", "said"),
    [
        ("every 15 minutes", "15m", "every 15 minutes"),
        ("120m", "2h", "every 2 hours"),
        ("90 min", "90m", "every 90 minutes"),
        ("every hour", "1h", "every hour"),
        ("1D", "1d", "every day"),
        ("@daily", "0 0 * * *", "0 0 * * * (UTC)"),
        ("0  2 * *  mon-FRI", "0 2 * * mon-fri", "0 2 * * mon-fri (UTC)"),
    ],
)
def test_how_it_is_stored_and_said(text, stored, said):
    schedule = parse_schedule(text)
    assert (schedule.text, schedule.say()) == (stored, said)
    assert parse_schedule(schedule.text) == schedule


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("* * * * *", ["03-04 12:01", "03-04 12:02", "03-04 12:03"]),
        ("*/20 * * * *", ["03-04 12:20", "03-04 12:40", "03-04 13:00"]),
        ("5/20 * * * *", ["03-04 12:05", "03-04 12:25", "03-04 12:45"]),
        ("15,45 9-17 * * *", ["03-04 12:15", "03-04 12:45", "03-04 13:15"]),
        ("0 2 * * *", ["03-05 02:00", "03-06 02:00", "03-07 02:00"]),
        ("0 0 * * sun", ["03-08 00:00", "03-15 00:00", "03-22 00:00"]),
        ("0 0 * * 7", ["03-08 00:00", "03-15 00:00", "03-22 00:00"]),
        ("0 0 * * fri-sun", ["03-06 00:00", "03-07 00:00", "03-08 00:00"]),
        ("0 0 1,15 * *", ["03-15 00:00", "04-01 00:00", "04-15 00:00"]),
        ("0 0 13 * fri", ["03-06 00:00", "03-13 00:00", "03-20 00:00"]),  # a day that fits either
        ("0 0 31 jan,mar-may *", ["03-31 00:00", "05-31 00:00", "01-31 00:00"]),
        ("0 0 */10 * *", ["03-11 00:00", "03-21 00:00", "03-31 00:00"]),
    ],
)
def test_cron_lines(line, expected):
    assert due(line) == expected


def test_the_29th_of_february_comes_after_years():
    found = upcoming(parse_schedule("0 0 29 2 *"), datetime(2096, 3, 1, tzinfo=UTC), 1)
    assert found == [datetime(2104, 2, 29, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("line", "after", "expected"),
    [
        ("0 0 */31 3 sun", datetime(2026, 3, 2, tzinfo=UTC), datetime(2037, 3, 1, tzinfo=UTC)),
        ("0 0 29 2 */7", datetime(2088, 3, 1, tzinfo=UTC), datetime(2128, 2, 29, tzinfo=UTC)),
    ],
)
def test_a_day_that_must_fit_both_may_be_far_off(line, after, expected):
    assert upcoming(parse_schedule(line), after, 1) == [expected]


def test_a_moment_that_fits_is_not_after_itself():
    assert due("0 12 * * *", datetime(2026, 3, 4, 12, 0, tzinfo=UTC), count=1) == ["03-05 12:00"]


def test_the_time_zone_counts():
    assert due("0 2 * * *", zone="Asia/Kolkata", count=1) == ["03-04 20:30"]


def test_a_time_that_is_skipped_is_due_when_the_clocks_have_jumped():
    eve = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)  # Berlin jumps from 02:00 to 03:00 at 01:00 UTC
    assert due("30 2 * * *", eve, "Europe/Berlin") == ["03-29 01:00", "03-30 00:30", "03-31 00:30"]


def test_a_time_that_comes_twice_is_due_once():
    eve = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)  # Berlin goes back from 03:00 to 02:00 at 01:00 UTC
    assert due("30 2 * * *", eve, "Europe/Berlin") == ["10-25 00:30", "10-26 01:30", "10-27 01:30"]


def test_each_hour_goes_by_real_time_through_both_changes():
    spring, autumn = datetime(2026, 3, 28, 23, 40, tzinfo=UTC), datetime(2026, 10, 24, 23, 40, tzinfo=UTC)
    assert due("30 * * * *", spring, "Europe/Berlin") == ["03-29 00:30", "03-29 01:30", "03-29 02:30"]
    assert due("30 * * * *", autumn, "Europe/Berlin") == ["10-25 00:30", "10-25 01:30", "10-25 02:30"]
    assert due("*/30 */1 * * *", autumn, "Europe/Berlin", 5)[-1] == "10-25 02:00"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Say how often"),
        ("soon", "Say how often"),
        ("0m", "at most every minute"),
        ("367d", "at least once in 366 days"),
        ("* * * *", "five fields"),
        ("60 * * * *", "minute: 60 is not from 0 to 59"),
        ("* 5-3 * * *", "hour: the range 5-3 ends before it begins"),
        ("* * 0 * *", "day of the month: 0 is not from 1 to 31"),
        ("* * * foo *", "month: there is no 'foo'"),
        ("* * * * 8", "weekday: 8 is not from 0 to 7"),
        ("*/0 * * * *", "a step is at least 1"),
        ("1,,2 * * * *", "is not understood"),
        ("0 0 31 feb *", "never be due"),
        ("0 0 30,31 2 *", "never be due"),
        ("@reboot x", "five fields"),
        ("0 2 * * * " + "x" * 200, "five fields"),
    ],
)
def test_what_cannot_be_read_is_said(text, words):
    with pytest.raises(ValueError, match=words):
        parse_schedule(text)


def test_an_unknown_zone_is_said():
    with pytest.raises(ValueError, match="Europe/Berlin"):
        parse_schedule("0 2 * * *", "Mars/Olympus")
