"""The records of one error, found by its minutes."""

from datetime import timedelta

import pytest

from diagnostics.core import clock
from diagnostics.errors.occurrences import (
    beside,
    last_record,
    newest_records,
    place_of,
    read_minutes,
    read_parts,
    series_of,
    stretches,
)
from diagnostics.search.patterns import span_of
from tests.factories import make_environment
from tests.world import count_error, make_error, make_record

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def environment():
    return make_environment()


@pytest.fixture
def now(monkeypatch):
    """Ten minutes into an hour."""
    moment = clock.now().replace(minute=10, second=30, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


@pytest.fixture
def known(environment, now):
    """An error with records two minutes, two hours and five hours old: 2, 1 and 1."""
    error = make_error(environment, records=0, last_seen=now - timedelta(minutes=2))
    records = []
    for hours, minutes, number in ((0, 2, 2), (2, 0, 1), (5, 0, 1)):
        at = now - timedelta(hours=hours, minutes=minutes)
        count_error(error, at, number)
        records += [keep(error, at - timedelta(seconds=place)) for place in range(number)]
    return error, records


def keep(error, at, **fields):
    values = {"fingerprint": error.fingerprint, "timestamp": at, "has_restricted": False, "trace_id": None}
    return make_record(error.environment, **{**values, **fields})


def test_minutes_and_steps_add_up_to_the_same(known, now):
    error, _ = known
    span = span_of(now - DAY, now)
    minutes = read_minutes(error, span.times[0], now)
    assert (minutes.total, minutes.counts) == (4, [1, 1, 2])
    assert sum(series_of(minutes, span)) == 4
    assert read_minutes(error, now - timedelta(minutes=3), now).total == 2
    assert read_minutes(error, now - timedelta(minutes=1), now).total == 0
    short = span_of(now - timedelta(hours=1), now)
    assert [count for count in series_of(read_minutes(error, short.times[0], now), short) if count] == [2]


def test_the_newest_records_are_found_in_the_stretches_that_hold_enough_of_them(known, environment, now):
    error, records = known
    other = make_error(environment)
    keep(other, now - timedelta(minutes=2))  # in the same minute
    keep(error, now - timedelta(minutes=2), severity_number=9)  # no error
    minutes = read_minutes(error, now - DAY, now)
    starts, ends = stretches(error, minutes, 2)
    assert (len(starts), ends[0] - starts[0]) == (1, timedelta(minutes=1))
    assert [record.pk for record in newest_records(error, minutes)] == [record.pk for record in records]
    assert newest_records(error, read_minutes(error, now, now)) == []


def test_each_record_has_its_place_and_its_neighbours(known, now):
    error, records = known
    minutes = read_minutes(error, now - DAY, now)
    assert [place_of(error, record, minutes) for record in records] == [1, 2, 3, 4]
    for older, newer in zip(records[1:], records, strict=False):
        assert beside(error, newer, minutes, newer=False).pk == older.pk
        assert beside(error, older, minutes, newer=True).pk == newer.pk
    assert beside(error, records[0], minutes, newer=True) is None
    assert beside(error, records[-1], minutes, newer=False) is None


def test_a_neighbour_that_was_erased_is_stepped_over(known, now):
    error, records = known
    type(records[2]).objects.filter(pk=records[2].pk).delete()
    found = beside(error, records[1], read_minutes(error, now - DAY, now), newer=False)
    assert found.pk == records[3].pk


def test_the_last_record_is_found_without_any_minute_and_none_when_it_is_gone(environment, now):
    error = make_error(environment, records=0, last_seen=now - timedelta(days=2))
    assert last_record(error) is None
    record = keep(error, error.last_seen)
    assert last_record(error).pk == record.pk


def test_what_the_records_have_in_common_is_told_with_shares(known, now):
    error, _ = known
    at = now - timedelta(minutes=2)
    for number in range(6):
        keep(
            error, at, user_key=f"u{number % 2}", session_id=f"s{number}", browser="Firefox", release=f"1.{number}",
            http_method="GET", http_route="/pay", attributes={"host.name": "web-1"},
        )  # fmt: skip
    type(error).objects.get(pk=error.pk)
    error.hours.filter(hour=at.replace(minute=0, second=0)).delete()
    count_error(error, at, 8)
    parts = read_parts(error, read_minutes(error, now - DAY, now))
    assert (parts.records, parts.users, parts.sessions) == (10, 2, 7)
    found = {kind: ([(bar.value, bar.records) for bar in bars], more) for kind, _, bars, more in parts.bars}
    assert found["browser"] == ([("Firefox", 6)], 0)
    assert found["route"] == ([("GET /pay", 6)], 0)
    assert found["instance"] == ([("web-1", 6)], 0)
    assert len(found["release"][0]) == 6
    assert "os" not in found
    assert parts.bars[0][2][0].share == 0.1


def test_only_the_newest_are_looked_at(known, now, monkeypatch):
    error, _ = known
    monkeypatch.setattr("diagnostics.errors.occurrences.MOST", 2)
    assert read_parts(error, read_minutes(error, now - DAY, now)).records == 2
