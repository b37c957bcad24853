"""A session's timeline: in the one order, with the time since it began, a page at a time."""

from datetime import timedelta

import pytest

from diagnostics.core import clock
from sessions_app import timeline
from sessions_app.timeline import draw_lanes, read_timeline
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
def write(environment, began):
    def write(milliseconds=0, body="", **fields):
        at = began + timedelta(milliseconds=milliseconds)
        values = {"session_id": "s-1", "severity_number": 9, "has_restricted": False, **fields}
        return make_record(environment, timestamp=at, body=body or f"at {milliseconds}", **values)

    return write


@pytest.fixture
def session(environment, began):
    return make_session(environment, session_id="s-1", started_at=began, last_seen_at=began + timedelta(minutes=1))


def bodies(found):
    return [step.record.body for step in found.steps]


def test_records_of_all_services_stand_in_the_one_order(write, session):
    write(10, "third", sequence=1, service_name="web")
    write(10, "second", timestamp_ns=0, sequence=0, service_name="db")
    write(10, "fourth", timestamp_ns=5, service_name="app")
    write(0, "first")
    write(61_000, "last")
    found = read_timeline(session)
    assert bodies(found) == ["first", "second", "third", "fourth", "last"]
    assert [step.offset_ms for step in found.steps] == [0, 10, 10, 10, 61_000]
    assert (found.earlier, found.next_cursor) == (False, "")


def test_only_records_of_this_session_environment_and_time_stand_in_it(write, session):
    write(1, "mine")
    write(2, "another session", session_id="s-2")
    write(-1000 * 60 * 59, "a sender whose clock is behind")
    write(-1000 * 60 * 61, "the id was used before")
    other = make_environment()
    make_record(other, session_id="s-1", body="another environment", timestamp=session.started_at, has_restricted=False)
    found = read_timeline(session)
    assert bodies(found) == ["a sender whose clock is behind", "mine"]
    assert found.steps[0].offset_ms == -59 * 60 * 1000


@pytest.fixture
def short(monkeypatch):
    """Pages of ten records, three of them before the one that a link points at."""
    monkeypatch.setattr(timeline, "ROWS", 10)
    monkeypatch.setattr(timeline, "BEFORE", 3)


def test_pages_follow_each_other_without_gap_or_double(write, session, short):
    wanted = [write(number // 4, f"{number}", sequence=number).body for number in range(25)]
    shown, cursor = [], ""
    for _ in range(3):
        found = read_timeline(session, cursor=cursor)
        assert found.earlier == bool(cursor)
        shown, cursor = shown + bodies(found), found.next_cursor
    assert shown == wanted
    assert cursor == ""


def test_a_link_to_a_record_shows_it_with_some_before_and_leads_on(write, session, short):
    records = [write(number) for number in range(25)]
    found = read_timeline(session, at=records[12].reference)
    assert bodies(found) == [record.body for record in records[9:19]]
    assert [step.record for step in found.steps if step.is_here] == [records[12]]
    assert found.earlier
    assert bodies(read_timeline(session, cursor=found.next_cursor))[0] == records[19].body
    near_the_beginning = read_timeline(session, at=records[1].reference)
    assert bodies(near_the_beginning)[0] == records[0].body
    assert not near_the_beginning.earlier
    at_the_end = read_timeline(session, at=records[24].reference)
    assert bodies(at_the_end) == [record.body for record in records[21:]]
    assert at_the_end.next_cursor == ""


@pytest.mark.parametrize("at", ["nonsense", "1-1", "9999999999999999-1", "other"])
def test_a_link_to_a_record_that_is_not_of_the_session_shows_the_beginning(write, session, short, environment, at):
    write(0, "first")
    stranger = write(5, "stranger", session_id="s-2")
    found = read_timeline(session, at=stranger.reference if at == "other" else at)
    assert bodies(found) == ["first"]
    assert not found.earlier
    assert not any(step.is_here for step in found.steps)


def test_a_cursor_that_was_not_given_out_is_refused(session):
    with pytest.raises(ValueError, match="cursor: not one that was given out"):
        read_timeline(session, cursor="mine")


def test_each_error_leads_to_the_next_one(write, session):
    levels = [9, 17, 13, 21, 9, 17]
    records = [write(number, severity_number=level) for number, level in enumerate(levels)]
    found = read_timeline(session)
    errors = [records[1].reference, records[3].reference, records[5].reference]
    assert found.first_error == errors[0]
    assert [step.next_error for step in found.steps] == [errors[0], errors[1], errors[1], errors[2], errors[2], ""]


def test_spans_are_read_only_when_asked_and_drawn_on_the_lane_of_their_service(write, session, environment, began):
    write(0, service_name="web")
    write(100, service_name="db", severity_number=17)
    span = {"session_id": "s-1", "timestamp": began + timedelta(milliseconds=50), "duration_ns": 100_000_000}
    make_span(environment, service_name="api", status_code=2, **span)
    make_span(make_environment(), service_name="elsewhere", **span)
    assert read_timeline(session).spans == []
    found = read_timeline(session, with_spans=True)
    lanes = draw_lanes(found)
    assert [lane.name for lane in lanes] == ["api", "web", "db"]
    (bar,) = lanes[0].marks
    assert bar.tone == "is-error"
    (start,), (error,) = lanes[1].marks, lanes[2].marks
    assert start.x < bar.x < error.x < bar.x + bar.width
    assert error.tone == "is-error"
    assert error.reference == found.steps[1].record.reference
    assert draw_lanes(timeline.Timeline()) == []
