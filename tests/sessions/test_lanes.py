"""The whole of a scope at one look."""

from datetime import timedelta

import pytest

from diagnostics.core import clock
from sessions_app import lanes
from sessions_app.lanes import draw, read_overview
from sessions_app.scope import scope_from, scope_of_session
from tests.factories import make_environment
from tests.world import make_record, make_session, make_span

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment():
    return make_environment()


@pytest.fixture
def began():
    return clock.now() - timedelta(minutes=4)


@pytest.fixture
def scope(environment, began):
    ended = began + timedelta(minutes=1)
    return scope_of_session(make_session(environment, session_id="s-1", started_at=began, last_seen_at=ended))


@pytest.fixture
def write(environment, began):
    def write(milliseconds=0, **fields):
        at = began + timedelta(milliseconds=milliseconds)
        values = {"session_id": "s-1", "severity_number": 9, "has_restricted": False, **fields}
        return make_record(environment, timestamp=at, **values)

    return write


def test_each_service_has_a_lane_and_a_span_its_length(write, scope, environment, began):
    write(0, service_name="web")
    error = write(100, service_name="db", severity_number=17)
    span = {"session_id": "s-1", "timestamp": began + timedelta(milliseconds=50), "duration_ns": 100_000_000}
    make_span(environment, service_name="api", status_code=2, **span)
    make_span(make_environment(), service_name="elsewhere", **span)
    assert [lane.name for lane in read_overview(scope).lanes] == ["web", "db"]
    found = read_overview(scope, with_spans=True)
    assert [lane.name for lane in found.lanes] == ["web", "api", "db"]
    (start,), (bar,), (point,) = (lane.marks for lane in found.lanes)
    assert start.x == lanes.NAMES
    assert start.x < bar.x < point.x < bar.x + bar.width
    assert (bar.tone, point.tone, point.anchor) == ("is-error", "is-error", f"r{error.reference}")
    assert (found.first_ms, found.last_ms, found.moments) == (0, 150, [0, 50, 100])
    assert found.error_moments == [50, 100]


def test_of_many_records_on_one_spot_the_worst_is_drawn(write, scope):
    write(0)
    for number in range(20):
        write(30_000 + number, severity_number=21 if number == 7 else 9)
    write(60_000)
    (lane,) = read_overview(scope).lanes
    assert [mark.tone for mark in lane.marks] == ["", "is-fatal", ""]


def test_of_very_many_records_the_first_and_the_errors_are_drawn(monkeypatch, write, scope):
    monkeypatch.setattr(lanes, "MOST_RECORDS", 3)
    for number in range(10):
        write(number * 1000, severity_number=17 if number == 8 else 9)
    found = read_overview(scope)
    assert found.is_cut
    assert found.moments == [0, 1000, 2000, 8000]


def test_a_crowd_of_services_is_counted(monkeypatch, write, scope):
    monkeypatch.setattr(lanes, "MOST_LANES", 2)
    for name in "abcd":
        write(0, service_name=name)
    found = read_overview(scope)
    assert ([lane.name for lane in found.lanes], found.others) == (["a", "b"], 2)


def test_a_persons_lanes_are_their_sessions(write, environment, began):
    for number, session_id in enumerate(("a", "b", "a")):
        write(number * 1000, session_id=session_id, user_key="u1")
    scope = scope_from(environment.pk, "user", ("u1",), began - timedelta(hours=1), clock.now(), with_spans=True)
    assert [(lane.name, len(lane.marks)) for lane in read_overview(scope).lanes] == [("a", 2), ("b", 1)]


def test_nothing_is_drawn_of_nothing(scope, began):
    assert read_overview(scope).lanes == draw([], began).lanes == []
