"""Golden signals: sums by step and by service add up, and each request is counted once."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.core.histogram import bucket_of
from diagnostics.models import MinuteRollup
from diagnostics.search.golden import NAMES, POINTS, read_golden, step_for
from tests.factories import make_environment

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def environment(db):
    return make_environment()


def roll(environment, minute, service="web", source="log", route="", **counts):
    return MinuteRollup.objects.create(
        environment=environment, minute=NOON + timedelta(minutes=minute), service_name=service, source=source,
        http_route=route, **counts,
    )  # fmt: skip


def test_sums_add_up_over_steps_and_over_services(environment):
    roll(environment, 0, records=5, errors=1, warnings=2, requests=4, failures=1)
    roll(environment, 0, route="/a", records=1, requests=1)
    roll(environment, 1, records=7)
    roll(environment, 1, "db", records=2, errors=2, fatals=1)
    roll(make_environment(), 1, records=100)
    golden = read_golden(environment, NOON, NOON + timedelta(minutes=3))
    assert golden.step == timedelta(minutes=1)
    assert [sums.counts["records"] for sums in golden.steps] == [6, 9, 0]
    assert {name: sums.counts["records"] for name, sums in golden.services.items()} == {"web": 13, "db": 2}
    for name in NAMES:
        total = golden.total.counts[name]
        assert total == sum(sums.counts[name] for sums in golden.steps)
        assert total == sum(sums.counts[name] for sums in golden.services.values())
        assert total == sum(sums.counts[name] for series in golden.series.values() for sums in series)
    assert golden.total.failure_share == pytest.approx(1 / 5)
    assert golden.services["db"].failure_share is None


def test_the_first_minute_counts_and_the_last_does_not(environment):
    for minute in (-1, 0, 4, 5):
        roll(environment, minute, records=10 ** (minute + 1) if minute >= 0 else 7)
    golden = read_golden(environment, NOON, NOON + timedelta(minutes=5))
    assert golden.total.counts["records"] == 10 + 10**5


def test_requests_are_taken_from_spans_where_a_service_sends_any_and_records_never(environment):
    fast, slow = {str(bucket_of(10)): 9}, {str(bucket_of(5000)): 1}
    roll(environment, 0, "traced", "span", requests=10, failures=1, latency={**fast, **slow})
    roll(environment, 0, "traced", "log", records=3, requests=10, failures=9, latency={str(bucket_of(99_999)): 10})
    roll(environment, 1, "traced", "log", records=1, requests=4)
    roll(environment, 0, "plain", "log", records=2, requests=2, latency={str(bucket_of(20)): 2})
    golden = read_golden(environment, NOON, NOON + timedelta(minutes=2))
    assert golden.services["traced"].counts["requests"] == 10
    assert golden.services["traced"].counts["failures"] == 1
    assert golden.services["traced"].counts["records"] == 4
    assert golden.services["traced"].p95 == pytest.approx(10, rel=0.03)
    assert golden.services["traced"].latency_at(1) == pytest.approx(5000, rel=0.03)
    assert golden.total.counts["requests"] == 12
    assert golden.total.latency_at(0.8) == pytest.approx(10, rel=0.03)


def test_one_service_and_one_route_can_be_asked_for(environment):
    roll(environment, 0, "web", route="/a", records=1)
    roll(environment, 0, "web", route="/b", records=2)
    roll(environment, 0, "db", route="/a", records=4)
    until = NOON + timedelta(minutes=1)
    assert read_golden(environment, NOON, until, "web").total.counts["records"] == 3
    assert read_golden(environment, NOON, until, "web", "/b").total.counts["records"] == 2


def test_a_step_of_hours_begins_where_the_database_begins_it(environment):
    for minute in (0, 61, 1440):
        roll(environment, minute, records=1)
    golden = read_golden(environment, NOON + timedelta(minutes=7), NOON + timedelta(days=2))
    assert golden.since == NOON
    assert golden.total.counts["records"] == 3 == sum(sums.counts["records"] for sums in golden.steps)


@given(st.timedeltas(timedelta(0), timedelta(days=365 * 130)))
def test_no_time_however_long_has_more_points_than_a_chart_can_hold(length):
    assert length / step_for(length) <= POINTS


def test_the_longest_time_that_can_be_asked_for_is_quick(environment):
    roll(environment, 0, records=3)
    since = datetime(1970, 1, 1, tzinfo=UTC)
    golden = read_golden(environment, since, datetime(2099, 12, 31, 23, 59, tzinfo=UTC))
    assert len(golden.times) <= POINTS + 1
    assert golden.total.counts["records"] == 3
