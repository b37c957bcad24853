"""Filters: the database and the memory of the live stream find the same records; what is wrong is named."""

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.evaluation.matching import build_matcher
from diagnostics.core import clock
from diagnostics.core.record import Record
from diagnostics.live.wire import stored_record
from diagnostics.models import LogRecord
from diagnostics.pipeline.pseudonym import user_key
from diagnostics.search.filters import FIELD_NAMES, LogFilters, filter_logs, matches
from diagnostics.search.people import resolve_user
from tests.factories import make_environment
from tests.world import make_record

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
KEY = b"k" * 32
BARE = {"has_restricted": False, "trace_id": None, "session_id": ""}
RECORDS = [
    {
        "body": "Payment FAILED: 100% of_all",
        "severity_number": 17,
        "service_name": "checkout",
        "http_status": 503,
        "duration_ms": 1500.5,
        "attributes": {"order": 42, "host.name": "web-1", "note": "of all", "paid": True},
    },
    {
        "body": "Zahlung über 5 € \\ straße",
        "severity_number": 9,
        "service_name": "Checkout",
        "http_status": 200,
        "duration_ms": 250.0,
        "attributes": {"order": "42", "host.name": "web-2", "paid": "true", "42": "x", "n": None},
    },
    {
        "body": 'said "ÜBER" <b>',
        "severity_number": 21,
        "http_status": 500,
        "session_id": "a/b c",
        "browser": "Firefox",
        "template_id": 255,
    },
    {"body": "", "severity_number": 1, "service_name": "", "logger": "app.db", "user_key": user_key(KEY, "jane")},
    {
        "body": "-heartbeat",
        "severity_number": 13,
        "trace_id": uuid.UUID(TRACE),
        "error_type": "TypeError",
        "attributes": {"exception.message": "No PRICE über 100%", "note": "of_all"},
    },
    {
        "body": "slow",
        "error_type": "PaymentTimeout",
        "attributes": {"order": 42.0, "list": ["42"], "deep": {"order": 42}},
    },
    {"body": "ÉTÉ", "severity_number": 16, "http_route": "/a/{id}", "release": "1.2", "geo_country": "DE"},
    {
        "body": "x",
        "severity_number": 24,
        "fingerprint": "f1",
        "event_name": "login",
        "journey_id": "j",
        "request_id": "r",
    },
]
WORDS = [
    "payment", "failed", "FAILED:", "%", "_", "100%", "\\", "über", "ÜBER", "straße", "été", '"', "<b>", "-heart", "x",
    "of_all", "ofxall", "'", ";--", "", "typeerror", "price", "timeout",
]  # fmt: skip
VALUES = {
    "service": ["checkout", "Checkout", ""],
    "session": ["a/b c"],
    "browser": ["Firefox", "firefox"],
    "logger": ["app.db"],
    "user": ["jane", user_key(KEY, "jane"), "other", ""],
    "trace": [TRACE, TRACE.upper(), str(uuid.UUID(TRACE)), "-", "0" * 32, "no trace", ""],
    "status": ["503", "5xx", "2xx", "404"],
    "level": ["trace", "info", "WARNING", "error", "E", "fatal", "error3"],
    "error": ["TypeError"],
    "route": ["/a/{id}", "/a"],
    "release": ["1.2"],
    "country": ["DE"],
    "fingerprint": ["f1"],
    "event": ["login"],
    "journey": ["j"],
    "request": ["r", "R"],
    "template": ["00000000000000ff", "FF", "fe", "f" * 16],
}


def test_each_field_that_can_be_asked_for_is_tried_here():
    assert set(VALUES) == set(FIELD_NAMES)


@pytest.fixture
def shelf(db):
    environment = make_environment()
    for fields in RECORDS:
        make_record(environment, **{**BARE, "service_name": "shop", **fields})
    return LogRecord.objects.filter(environment_id=environment.pk)


word = st.sampled_from(WORDS)
some_fields = st.dictionaries(st.sampled_from(sorted(VALUES)), st.integers(0, 6), max_size=2)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(word, max_size=2), st.lists(word.filter(bool), max_size=1), some_fields)
def test_a_search_and_the_live_stream_find_the_same(shelf, texts, without, chosen):
    fields = {name: VALUES[name][number % len(VALUES[name])] for name, number in chosen.items()}
    filters = resolve_user(LogFilters(texts=tuple(texts), without=tuple(without), fields=fields), [KEY])
    stored = {record.pk for record in filter_logs(shelf, filters)}
    streamed = {record.pk for record in shelf if matches(filters, stored_record(record))}
    assert stored == streamed


TERMS = [
    "@order:42", "@order:42.0", "@order:4*", "@order:*", '@order:"42"', "host.name:web-1", "host.name:web-*", "@paid:true",
    "@paid:1", "@42:x", "@n:*", "@n:null", "@list:42", "@deep:42", "@deep.order:42", '@note:"of all"', "@note:of*", "@nope:*",
    "service:check*", "service:*", "service:C*", "route:/a/*", "release:1*", "session:a*", "error:Pay*", "service:checkout",
    "duration:>1s", "duration:>=250ms", "duration:<=250ms", "duration:<1m", "status:>=500", "status:<503", "status:>200",
    "level:info", "level:error", "level:warn", "status:5xx", "status:200", f"trace:{TRACE}", "template:ff", "user:jane",
    "browser:Firefox", "@exception.message:No*",
]  # fmt: skip
terms = st.lists(st.tuples(st.sampled_from(["", "-"]), st.sampled_from(TERMS)).map("".join), min_size=1, max_size=3)


choices = st.lists(terms.map(" OR ".join), min_size=1, max_size=2)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(terms | choices.filter(lambda lines: "user:" not in " ".join(lines)))
def test_a_search_the_live_stream_and_a_rule_agree_on_fields_and_attributes(shelf, lines):
    line = " ".join(lines)
    filters = resolve_user(LogFilters.from_params({"q": line, "since": "2020-01-01"}), [KEY])
    stored = {record.pk for record in filter_logs(shelf, filters)}
    assert stored == {record.pk for record in shelf if matches(filters, stored_record(record))}
    if "user:" not in line:  # no rule may name a person
        matcher = build_matcher(((1, "", line, ""),))
        assert stored == {record.pk for record in shelf if matcher.count([as_it_came(record)])}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("@order:42", {0, 1, 5}),
        ("-@order:42", {2, 3, 4, 6, 7}),
        ("host.name:web-*", {0, 1}),
        ("@paid:true", {0, 1}),
        ("service:check*", {0}),
        ("duration:>1s", {0}),
        ("duration:<=250ms", {1}),
        ("status:>=500", {0, 2}),
        ("-status:5xx", {1, 3, 4, 5, 6, 7}),
        ("-level:error", {1, 2, 3, 4, 6, 7}),
        ("level:error -level:error", {2, 7}),
        ("-user:jane", {0, 1, 2, 4, 5, 6, 7}),
        ("payment OR slow", {0, 5}),
        ("payment OR slow service:checkout", {0}),
        ("status:200 OR -@order:42", {1, 2, 3, 4, 6, 7}),
        ("100% OR status:500 level:error", {0, 2}),
    ],
)
def test_what_the_line_asks_for_is_found(shelf, line, found):
    filters = resolve_user(LogFilters.from_params({"q": line, "since": "2020-01-01"}), [KEY])
    assert {record.body for record in filter_logs(shelf, filters)} == {RECORDS[number]["body"] for number in found}


def as_it_came(record):
    """The record as the pipeline holds it before it is stored."""
    names = [
        each.name
        for each in dataclasses.fields(Record)
        if each.name in vars(record) and each.name not in ("trace_id", "timestamp_ns")
    ]
    given = {name: getattr(record, name) for name in names if getattr(record, name) is not None}
    return Record(clock.to_ns(record.timestamp), 0, trace_id=record.trace_hex, **given)


@pytest.mark.parametrize(("name", "value"), [(name, values[0]) for name, values in VALUES.items()])
def test_each_field_finds_something_in_both(shelf, name, value):
    filters = resolve_user(LogFilters(fields={name: value}), [KEY])
    found = [record.pk for record in filter_logs(shelf, filters)]
    assert found
    assert found == [record.pk for record in shelf if matches(filters, stored_record(record))]


def test_words_match_without_regard_to_case_in_any_script(shelf):
    found = filter_logs(shelf, LogFilters(texts=("über",)))
    assert {record.body for record in found} == {RECORDS[1]["body"], RECORDS[2]["body"], "-heartbeat"}


@pytest.mark.parametrize("word", ["typeerror", "TypeError", "no price", "PRICE"])
def test_words_also_match_an_errors_type_and_what_it_says(shelf, word):
    """What an incident names is not always in the record's text."""
    assert [record.body for record in filter_logs(shelf, LogFilters(texts=(word,)))] == ["-heartbeat"]
    left = filter_logs(shelf, LogFilters(without=(word,)))
    assert {record.body for record in left} == {fields["body"] for fields in RECORDS} - {"-heartbeat"}


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"range": "2y"}, "range: '2y' is not known; use 15m"),
        ({"since": "yesterday"}, "since: not a time"),
        ({"until": "2030-13-01"}, "until: not a time"),
        ({"until": "0001-01-01T00:00:00Z"}, "until: use a time from 1970"),
        ({"since": "9999-12-31T23:59:59-23:00"}, "since: "),
        ({"level": "loud"}, "level: 'loud' is no level"),
        ({"template": "order"}, "template: not an id"),
        ({"status": "5x"}, "status: '5x' is no status"),
        ({"q": 'a "b'}, r"quotation mark .*\(at character 3\)"),
    ],
)
def test_a_parameter_that_is_wrong_is_named(params, words):
    with pytest.raises(ValueError, match=words):
        LogFilters.from_params(params)


def test_times_are_read_with_and_without_zone():
    noon = datetime(2030, 1, 31, 12, tzinfo=UTC)
    for text in ("2030-01-31T12:00:00Z", "2030-01-31 12:00:00", "2030-01-31T13:00:00 01:00", "2030-01-31T12:00"):
        filters = LogFilters.from_params({"since": text, "until": text})
        assert (filters.since, filters.until) == (noon, noon)
    assert LogFilters.from_params({"until": "2030-01-31T12:00:00Z", "range": "6h"}).since == noon - timedelta(hours=6)
    assert LogFilters.from_params({}, now=noon).since == noon - timedelta(hours=1)


def test_what_begins_counts_and_what_ends_does_not(db):
    environment, moment = make_environment(), clock.now()
    record = make_record(environment, timestamp=moment, has_restricted=False)
    rows = LogRecord.objects.filter(environment_id=environment.pk)
    assert list(filter_logs(rows, LogFilters(since=moment))) == [record]
    assert list(filter_logs(rows, LogFilters(until=moment))) == []
    assert list(filter_logs(rows, LogFilters(until=moment + timedelta(microseconds=1)))) == [record]
