"""What an alert about response times shows: the slowest, not the faulty."""

from datetime import timedelta

import pytest

from alerts.incidents.context import gather_context
from alerts.incidents.scope import Scope
from alerts.incidents.slowest import LOOKED_AT, SLOWEST
from diagnostics.models import LogRecord
from tests.factories import make_environment
from tests.world import make_record, make_span

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(environment, make_rule, standing):
    def ask(signal="latency_p95", **fields):
        since = standing.now - timedelta(minutes=5)
        rule = make_rule(signal=signal, threshold=1000)
        return gather_context(
            Scope(rule, **{"service_name": "shop", "http_route": "", "since": since, "until": standing.now, **fields})
        )

    return ask


def tell(environment, body, **fields):
    return make_record(environment, body=body, severity_number=9, has_restricted=False, **fields)


def test_the_slowest_records_come_first_and_none_of_others(environment, look, standing):
    for number, took in enumerate((20.0, 3000.0, 45.0, 900.0)):
        tell(
            environment,
            f"took {took:.0f}",
            duration_ms=took,
            http_status=200,
            timestamp=standing.now - timedelta(seconds=number),
        )
    tell(environment, "an error that says nothing of time", duration_ms=None)
    tell(environment, "a job that is no request", duration_ms=3_600_000.0)
    tell(environment, "of another service", service_name="cart", duration_ms=9000.0, http_status=200)
    tell(environment, "of before", duration_ms=9000.0, http_status=200, timestamp=standing.now - timedelta(minutes=9))
    tell(make_environment(), "of another environment", duration_ms=9000.0, http_status=200)
    found = look()
    assert [sample["body"] for sample in found.samples] == ["took 3000", "took 900", "took 45", "took 20"]
    assert found.first_bad_at is None, "slow ones have no beginning of their own"


def test_where_records_tell_no_time_those_of_the_slowest_requests_are_shown(environment, look, standing):
    slow, slower, fast = (make_span(environment, kind=2, duration_ns=ms * 10**6) for ms in (2000, 4000, 10))
    make_span(environment, kind=3, duration_ns=10**11)  # a call to somebody else is no answer
    for span, body in ((slow, "slow"), (slower, "slower"), (fast, "fast")):
        tell(environment, body, trace_id=span.trace_id, duration_ms=None)
        tell(environment, "before it", trace_id=span.trace_id, timestamp=standing.now - timedelta(minutes=1))
    found = look()
    assert [sample["body"] for sample in found.samples] == ["slower", "slow", "fast"]
    assert found.trace_id == slower.trace_id.hex


def test_a_route_is_looked_at_alone(environment, look):
    for route in ("/pay", "/cart"):
        tell(environment, route, duration_ms=2000.0, http_status=200, http_route=route)
        make_span(environment, kind=2, duration_ns=2 * 10**9, http_route=route)
    assert [sample["body"] for sample in look(http_route="/pay").samples] == ["/pay"]


def test_faults_are_shown_where_it_is_about_faults(environment, look):
    tell(environment, "slow", duration_ms=9000.0)
    assert look(signal="errors").samples == []


def test_what_is_looked_at_is_bounded(environment, look, django_assert_max_num_queries, monkeypatch):
    assert (LOOKED_AT, SLOWEST) == (5_000, 20)
    monkeypatch.setattr("alerts.incidents.slowest.LOOKED_AT", 3)
    for number in range(6):
        tell(environment, str(number), duration_ms=float(number), http_status=200)
    newest = list(LogRecord.objects.order_by(*LogRecord.NEWEST_FIRST).values_list("body", flat=True)[:3])
    with django_assert_max_num_queries(12):
        assert sorted(sample["body"] for sample in look().samples) == sorted(newest)
