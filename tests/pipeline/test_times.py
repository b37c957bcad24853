"""Times that records and spans bring: kept as they are, but for those that cannot be."""

import time

import pytest

from diagnostics.core import clock
from diagnostics.core.record import Record, SpanRecord
from diagnostics.pipeline.context import ClientContext, EnvironmentContext
from diagnostics.pipeline.express import Express
from diagnostics.pipeline.normalise import MARK_TIME, normalise_span
from diagnostics.pipeline.run import process_log

SECOND = 10**9
MINUTE, DAY, YEAR = 60 * SECOND, 86_400 * SECOND, 365 * 86_400 * SECOND
SOON = 30 * SECOND  # the test itself takes time


def process(stamp, observed=0):
    environment = EnvironmentContext(id=1, slug="x", pseudonym_key=b"k" * 32, tracing_enabled=True)
    return process_log(Record(stamp, observed), Express(environment, ClientContext()))


@pytest.mark.parametrize("off", [0, 9 * MINUTE, -MINUTE, -40 * DAY, -20 * YEAR])
def test_a_time_that_may_be_is_kept(off):
    now = time.time_ns()
    record = process(now + off, now)
    assert (record.timestamp_ns, record.observed_ns) == (now + off, now)
    assert MARK_TIME not in record.attributes


@pytest.mark.parametrize("off", [11 * MINUTE, 2 * 60 * MINUTE, 60 * YEAR])
def test_what_comes_from_the_future_stands_where_it_came_in_and_says_so(off):
    now = time.time_ns()
    record = process(now + off, now)
    assert record.timestamp_ns == record.observed_ns == now
    assert record.attributes[MARK_TIME] == clock.from_ns(now + off).isoformat()


def test_an_observer_whose_clock_is_ahead_is_not_believed_either():
    now = time.time_ns()
    record = process(now + 2 * DAY, now + 2 * DAY)
    assert now <= record.timestamp_ns == record.observed_ns < now + SOON
    assert process(0, now + 2 * DAY).timestamp_ns < now + SOON


@pytest.mark.parametrize("stamp", [-5, 10**30])
def test_what_is_no_date_is_kept_as_it_was_sent(stamp):
    record = process(stamp, time.time_ns())
    assert record.attributes[MARK_TIME] == str(stamp)
    assert 0 <= record.timestamp_ns <= time.time_ns()


@pytest.mark.parametrize("off", [0, 9 * MINUTE, -40 * DAY])
def test_a_span_keeps_its_times(off):
    start = time.time_ns() + off
    span = SpanRecord("a" * 32, "b" * 16, start, start + 5 * SECOND)
    normalise_span(span)
    assert (span.start_ns, span.end_ns) == (start, start + 5 * SECOND)
    assert not span.attributes


def test_a_span_of_the_future_is_moved_and_takes_as_long():
    now = time.time_ns()
    span = SpanRecord("a" * 32, "b" * 16, now + YEAR, now + YEAR + 5 * SECOND)
    normalise_span(span)
    assert now <= span.start_ns < now + SOON
    assert span.end_ns - span.start_ns == 5 * SECOND
    assert span.attributes[MARK_TIME] == clock.from_ns(now + YEAR).isoformat()
