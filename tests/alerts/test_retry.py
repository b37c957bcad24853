"""When a delivery is tried again."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from alerts.delivery.retry import is_retried, next_delay, read_retry_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Fixed(random.Random):
    def __init__(self, value):
        super().__init__()
        self.value = value

    def random(self):
        return self.value


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 409, 425, 429])
def test_faults_that_pass_are_retried(status):
    assert is_retried(status)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 410, 413, 422])
def test_refusals_and_redirects_are_not_retried(status):
    assert not is_retried(status)


def test_the_delay_doubles_until_its_limit_and_is_spread_by_half():
    longest = [next_delay(attempts, None, Fixed(1.0)).total_seconds() for attempts in range(1, 11)]
    shortest = [next_delay(attempts, None, Fixed(0.0)).total_seconds() for attempts in range(1, 11)]
    assert longest == [3, 6, 12, 24, 48, 96, 192, 300, 300, 300]
    assert shortest == [delay / 2 for delay in longest]


@pytest.mark.parametrize(("asked", "expected"), [(0.0, 3), (2.0, 3), (120.0, 120), (86_400.0, 900)])
def test_what_the_receiver_asks_for_is_the_least_and_has_a_limit(asked, expected):
    assert next_delay(1, asked, Fixed(1.0)) == timedelta(seconds=expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30", 30.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("999999999999999999999", 999_999_999.0),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sun, 01 Mar 2026 12:01:30 -0000", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(text, expected):
    assert read_retry_after(text, NOW) == expected
