"""The document: bounded, the same fields as the records, its digest checked; what was cut is said."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.environments import create_environment
from sessions_app.models import Snapshot
from sessions_app.snapshots import content, read
from sessions_app.snapshots.story import tell_story
from tests.world import make_record, make_snapshot, make_span

pytestmark = pytest.mark.django_db
ALL = set(Perm)


@pytest.fixture
def environment():
    return create_environment("frozen")


def at(seconds):
    return NOW + timedelta(seconds=seconds)


NOW = clock.now().replace(microsecond=0) - timedelta(minutes=2)


def plain(environment, seconds, body, **fields):
    moment = at(seconds)
    values = {"session_id": "s-1", "severity_number": 9, "has_restricted": False, "trace_id": None}
    return make_record(environment, timestamp=moment, observed_timestamp=moment, body=body, **{**values, **fields})


def document_of(snapshot):
    return json.loads(snapshot.content)


def test_it_holds_what_led_to_the_failure_in_order_and_a_little_of_what_followed(environment):
    plain(environment, -3600, "an hour before")
    plain(environment, -20, "clicked")
    broken = plain(environment, 0, "boom", severity_number=21, fingerprint="f1", error_type="E")
    plain(environment, -1, "breadcrumb", event_name="breadcrumb")  # came in later than what it led to
    plain(environment, 2, "reloaded")
    plain(environment, 60, "a minute later")
    plain(environment, -5, "of another session", session_id="s-2")
    make_span(environment, timestamp=at(-2), name="GET /cart", session_id="s-1")
    make_span(environment, timestamp=at(-2), name="GET /elsewhere", session_id="s-2")
    snapshot = make_snapshot(broken)
    document = document_of(snapshot)
    assert [item["body"] for item in document["records"]] == ["clicked", "breadcrumb", "boom", "reloaded"]
    assert [item["name"] for item in document["spans"]] == ["GET /cart"]
    assert document["cut"] == {"earlier": 1}
    told = tell_story(snapshot, ALL)
    assert [step.from_failure for step in told.steps] == ["−20.0 s", "−2.0 s", "−1.0 s", "0", "+2.0 s"]
    assert told.cuts == ["What came earlier than 30 minutes before is not kept."]
    assert (snapshot.records, snapshot.spans, snapshot.scope) == (4, 1, "session")


def test_without_a_session_its_trace_without_one_its_request_else_itself(environment):
    trace = make_span(environment, timestamp=at(-1), name="GET /pay", session_id="").trace_id
    plain(environment, -1, "of the trace", session_id="", trace_id=trace)
    of_trace = plain(environment, 0, "one", session_id="", trace_id=trace, request_id="r-1")
    plain(environment, -1, "of the request", session_id="", request_id="r-2")
    of_request = plain(environment, 0, "two", session_id="", request_id="r-2")
    alone = plain(environment, 0, "three", session_id="")
    kept = [make_snapshot(record) for record in (of_trace, of_request, alone)]
    assert [snapshot.scope for snapshot in kept] == ["trace", "request", "record"]
    bodies = [[item["body"] for item in document_of(snapshot)["records"]] for snapshot in kept]
    assert bodies == [["of the trace", "one"], ["of the request", "two"], ["three"]]
    assert [snapshot.spans for snapshot in kept] == [1, 0, 0]


def test_what_is_beyond_its_bounds_is_counted(environment, monkeypatch):
    monkeypatch.setattr(read, "RECORDS", 3)
    monkeypatch.setattr(read, "FOLLOWING", 1)
    monkeypatch.setattr(read, "SPANS", 2)
    for number in range(1, 8):
        plain(environment, -number, f"before {number}")
        make_span(environment, timestamp=at(-number), name=f"span {number}")
    broken = plain(environment, 0, "boom")
    for number in range(1, 4):
        plain(environment, number, f"after {number}")
    snapshot = make_snapshot(broken)
    document = document_of(snapshot)
    assert [item["body"] for item in document["records"]] == ["before 2", "before 1", "boom", "after 1"]
    assert [item["name"] for item in document["spans"]] == ["span 2", "span 1"]
    assert document["cut"] == {"records_before": 5, "records_after": 2, "spans": 5}
    assert tell_story(snapshot, ALL).cuts == [
        "The first 5 records of these 30 minutes are not kept.",
        "2 records of the seconds after it are not kept.",
        "5 earlier spans are not kept.",
    ]


def test_records_of_256_kib_make_no_document_without_bounds(environment):
    long = {f"key-{number}": "é" * 8_000 for number in range(16)}
    for number in range(1, 150):
        plain(environment, -number, "x" * 65_000, attributes=long)
    broken = plain(environment, 0, "y" * 65_000, attributes=long)
    snapshot = make_snapshot(broken)
    document = document_of(snapshot)
    assert len(snapshot.content) < content.RECORDS_BYTES + content.SPANS_BYTES + 100_000
    last = document["records"][-1]
    assert len(last["body"]) == content.BROKEN_BODY_CHARS + 1
    assert last["shortened"] == ["body", "attributes"]
    assert 0 < len(last["attributes"]) < len(long)
    assert len(document["records"]) + document["cut"].get("records_before", 0) == 150
    assert tell_story(snapshot, ALL).broken["body"].startswith("yyy")


def test_the_oldest_go_first_and_never_what_broke():
    items = [{"n": number, "body": "x" * 100} for number in range(10)]
    kept = items[8]
    assert content.drop_oldest(items, 450, kept=kept) == 7
    assert [item["n"] for item in items] == [7, 8, 9]
    assert content.drop_oldest(items, 10, kept=kept) == 1
    assert items[0] is kept


def test_restricted_fields_are_not_in_it_nor_read(environment):
    record = make_record(environment)
    with CaptureQueriesContext(connection) as queries:
        snapshot = make_snapshot(record)
    assert not [query for query in queries if "diagnostics_restricted" in query["sql"]]
    assert snapshot.has_restricted
    assert "secret frame" not in snapshot.content
    assert "restricted value" not in snapshot.content


def test_its_digest_notices_any_change(environment):
    snapshot = make_snapshot(make_record(environment))
    snapshot.refresh_from_db()
    assert content.is_whole(snapshot)
    Snapshot.objects.filter(pk=snapshot.pk).update(content=snapshot.content.replace("body", "b0dy", 1))
    snapshot.refresh_from_db()
    assert not content.is_whole(snapshot)


def test_the_same_story_is_the_same_bytes(environment):
    record = make_record(environment, attributes={"b": 1, "a": {"d": 1.5, "c": 10**25}})
    one, other = make_snapshot(record), make_snapshot(record)
    first, second = document_of(one), document_of(other)
    first.pop("taken_at"), second.pop("taken_at")
    assert content.canonical(first) == content.canonical(second)
    assert document_of(one)["records"][0]["attributes"]["a"]["c"] == 10**25


def test_a_content_that_cannot_be_read_is_no_error(environment):
    snapshot = make_snapshot(make_record(environment))
    for text in ("", "[]", "{", '"x"', "nonsense"):
        snapshot.content = text
        assert tell_story(snapshot, ALL).steps == []
        assert not content.is_whole(snapshot)
