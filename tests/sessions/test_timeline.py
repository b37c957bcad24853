"""A session's timeline: in the one order, with the time since it began, a page at a time."""

from datetime import timedelta

import pytest

from diagnostics.core import clock
from diagnostics.models import Event
from sessions_app import timeline
from sessions_app.scope import scope_from, scope_of_session
from sessions_app.timeline import Place, read_timeline
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


@pytest.fixture
def scope(session):
    return scope_of_session(session)


def bodies(found):
    return [step.text for step in found.steps]


def test_records_of_all_services_stand_in_the_one_order(write, scope):
    write(10, "third", sequence=1, service_name="web")
    write(10, "second", timestamp_ns=0, sequence=0, service_name="db")
    write(10, "fourth", timestamp_ns=5, service_name="app")
    write(0, "first")
    write(61_000, "last")
    found = read_timeline(scope)
    assert bodies(found) == ["first", "second", "third", "fourth", "last"]
    assert [round(step.offset_ms, 3) for step in found.steps] == [0, 10, 10, 10, 61_000]
    assert (found.earlier, found.next_cursor) == (False, "")


def test_only_records_of_this_session_environment_and_time_stand_in_it(write, scope):
    write(1, "mine")
    write(2, "another session", session_id="s-2")
    write(-1000 * 60 * 59, "a sender whose clock is behind")
    write(-1000 * 60 * 61, "the id was used before")
    other = make_environment()
    make_record(other, session_id="s-1", body="another environment", timestamp=scope.began, has_restricted=False)
    found = read_timeline(scope)
    assert bodies(found) == ["a sender whose clock is behind", "mine"]
    assert found.steps[0].offset_ms == -59 * 60 * 1000


@pytest.fixture
def short(monkeypatch):
    """Pages of ten records, three of them before the one that a link points at."""
    monkeypatch.setattr(timeline, "ROWS", 10)
    monkeypatch.setattr(timeline, "BEFORE", 3)


def test_pages_follow_each_other_without_gap_or_double(write, scope, short):
    wanted = [write(number // 4, f"{number}", sequence=number).body for number in range(25)]
    shown, cursor = [], ""
    for _ in range(3):
        found = read_timeline(scope, Place(cursor=cursor))
        assert found.earlier == bool(cursor)
        shown, cursor = shown + bodies(found), found.next_cursor
    assert shown == wanted
    assert cursor == ""


def test_a_link_to_a_record_shows_it_with_some_before_and_leads_on(write, scope, short):
    records = [write(number) for number in range(25)]
    found = read_timeline(scope, Place(at=records[12].reference))
    assert bodies(found) == [record.body for record in records[9:19]]
    assert [step.reference for step in found.steps if step.is_here] == [records[12].reference]
    assert found.earlier
    assert bodies(read_timeline(scope, Place(cursor=found.next_cursor)))[0] == records[19].body
    near_the_beginning = read_timeline(scope, Place(at=records[1].reference))
    assert bodies(near_the_beginning)[0] == records[0].body
    assert not near_the_beginning.earlier
    at_the_end = read_timeline(scope, Place(at=records[24].reference))
    assert bodies(at_the_end) == [record.body for record in records[21:]]
    assert at_the_end.next_cursor == ""


@pytest.mark.parametrize("at", ["nonsense", "1-1", "9999999999999999-1", "other"])
def test_a_link_to_a_record_that_is_not_of_the_session_shows_the_beginning(write, scope, short, environment, at):
    write(0, "first")
    stranger = write(5, "stranger", session_id="s-2")
    found = read_timeline(scope, Place(at=stranger.reference if at == "other" else at))
    assert bodies(found) == ["first"]
    assert not found.earlier
    assert not any(step.is_here for step in found.steps)


def test_a_cursor_that_was_not_given_out_is_refused(scope):
    with pytest.raises(ValueError, match="cursor: not one that was given out"):
        read_timeline(scope, Place(cursor="mine"))


def test_each_error_leads_to_the_next_one(write, scope):
    levels = [9, 17, 13, 21, 9, 17]
    records = [write(number, severity_number=level) for number, level in enumerate(levels)]
    found = read_timeline(scope)
    errors = [f"r{records[number].reference}" for number in (1, 3, 5)]
    assert found.first_error == errors[0]
    assert [step.next_error for step in found.steps] == [errors[0], errors[1], errors[1], errors[2], errors[2], ""]


def test_spans_are_told_only_when_asked_and_stand_between_the_records(write, scope, environment, began):
    write(0)
    write(100)
    make_span(environment, session_id="s-1", name="charge", status_code=2, timestamp=began + timedelta(milliseconds=50))
    make_span(make_environment(), session_id="s-1", name="elsewhere", timestamp=began)
    assert bodies(read_timeline(scope)) == ["at 0", "at 100"]
    found = read_timeline(scope, with_spans=True)
    assert bodies(found) == ["at 0", "charge", "at 100"]
    assert found.first_error == found.steps[1].anchor


def test_what_one_process_does_inside_stays_in_the_waterfall(scope, environment, began):
    for name, kind, parent in (("root", 1, ""), ("inside", 1, "aa"), ("call", 3, "aa"), ("served", 2, "aa")):
        make_span(environment, session_id="s-1", name=name, kind=kind, parent_span_id=parent, timestamp=began)
    assert sorted(bodies(read_timeline(scope, with_spans=True))) == ["call", "root", "served"]


def test_each_span_stands_on_one_page_alone(write, scope, environment, began, short):
    for number in range(25):
        write(number * 10, sequence=number)
        make_span(
            environment, session_id="s-1", name=f"span {number}",
            timestamp=began + timedelta(milliseconds=number * 10 + 5),
        )  # fmt: skip
    shown, cursor = [], ""
    for _ in range(3):
        found = read_timeline(scope, Place(cursor=cursor), with_spans=True)
        shown, cursor = shown + bodies(found), found.next_cursor
    assert shown == [text for number in range(25) for text in (f"at {number * 10}", f"span {number}")]


def test_more_spans_than_fit_are_said(monkeypatch, scope, environment, began):
    monkeypatch.setattr(timeline, "SPANS", 3)
    for number in range(4):
        make_span(environment, session_id="s-1", timestamp=began + timedelta(milliseconds=number))
    found = read_timeline(scope, with_spans=True)
    assert (len(found.steps), found.left_out) == (3, True)


def test_a_moment_leads_to_its_page_with_some_before(write, scope, short):
    records = [write(number * 1000) for number in range(25)]
    found = read_timeline(scope, Place(moment="12000"))
    assert bodies(found) == [record.body for record in records[9:19]]
    assert (found.since_ms, found.until_ms) == (9000, 18_000)
    assert bodies(read_timeline(scope, Place(moment="-99999999999"))) == [record.body for record in records[:10]]
    at_the_end = read_timeline(scope, Place(moment="99999999999"))
    assert bodies(at_the_end) == [record.body for record in records[22:]]
    assert at_the_end.until_ms is None


@pytest.mark.parametrize("moment", ["soon", "1.5", "9" * 30, "-" + "9" * 30, "\u0661x"])
def test_a_moment_that_is_none_is_refused(scope, moment):
    with pytest.raises(ValueError, match="t: use"):
        read_timeline(scope, Place(moment=moment))


def test_a_deploy_in_its_time_stands_among_the_records(write, scope, environment, began):
    write(0)
    write(60_000)
    for seconds, title in ((30, "shop 1.2 deployed"), (-30, "before it began"), (9000, "long after")):
        Event.objects.create(
            environment=environment, kind="deploy", timestamp=began + timedelta(seconds=seconds), title=title,
            release=title,
        )  # fmt: skip
    found = read_timeline(scope)
    assert [(step.kind, step.text) for step in found.steps] == [
        ("record", "at 0"), ("event", "shop 1.2 deployed"), ("record", "at 60000"),
    ]  # fmt: skip


def test_a_long_pause_is_told_and_a_span_that_runs_is_none(write, scope, environment, began):
    write(0)
    write(120_000)
    write(130_000)
    assert [step.pause for step in read_timeline(scope).steps] == [None, timedelta(minutes=2), None]
    make_span(environment, session_id="s-1", timestamp=began, duration_ns=119 * 10**9)
    assert [step.pause for step in read_timeline(scope, with_spans=True).steps] == [None] * 4


def test_a_persons_timeline_goes_over_sessions_and_says_where_each_begins(write, environment, began):
    for number, session_id in enumerate(("a", "b")):
        at = began + timedelta(minutes=number)
        make_session(environment, session_id=session_id, user_key="u1", started_at=at, last_seen_at=at)
        write(number * 60_000 + 1, f"in {session_id}", session_id=session_id, user_key="u1")
    write(5, "somebody else's", session_id="c", user_key="u2")
    scope = scope_from(environment.pk, "user", ("u1",), began - timedelta(hours=1), clock.now(), with_spans=True)
    assert scope.began == began + timedelta(milliseconds=1)
    found = read_timeline(scope)
    assert [(step.kind, step.session_id) for step in found.steps] == [
        ("session", "a"), ("record", "a"), ("session", "b"), ("record", "b"),
    ]  # fmt: skip
