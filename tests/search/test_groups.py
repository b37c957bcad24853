"""Counting by a field: each value with what its records say, and a condition that finds just these again."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from diagnostics.core import clock
from diagnostics.models import LogRecord
from diagnostics.search import groups
from diagnostics.search.filters import LogFilters, filter_logs
from diagnostics.search.groups import FIELDS, VALUE_CHARS, read_by, read_groups
from diagnostics.search.page import SearchTooSlowError
from tests.factories import make_environment
from tests.world import make_record

pytestmark = pytest.mark.django_db
BARE = {"has_restricted": False, "trace_id": None, "session_id": ""}


@pytest.fixture
def environment():
    return make_environment()


def rows_of(environment, **asked):
    return filter_logs(LogRecord.objects.filter(environment_id=environment.pk), LogFilters.from_params(asked))


def count(environment, by, order="records", most=50, **asked):
    return read_groups(environment, LogFilters.from_params(asked), read_by(by), order, most)


def told(found):
    return [(group.value, group.records) for group in found.groups]


def test_each_value_says_how_many_how_bad_how_slow_and_when(environment):
    now = clock.now()
    for number in range(4):
        at = now - timedelta(minutes=number)
        make_record(environment, http_route="/pay", duration_ms=100.0 * number, severity_number=17 if number else 9,
                    timestamp=at, **BARE)  # fmt: skip
    make_record(environment, http_route="/cart", timestamp=now, severity_number=9, **BARE)
    make_record(environment, http_route="", timestamp=now, **BARE)
    make_record(make_environment("other"), http_route="/theirs", timestamp=now, **BARE)
    found = count(environment, "route")
    assert (found.records, found.without, found.values, found.since) == (6, 1, 2, None)
    pay, cart = found.groups
    assert (pay.value, pay.records, pay.errors, pay.p95_ms) == ("/pay", 4, 3, pytest.approx(285.0))
    assert (pay.last_seen, sum(pay.counts), len(pay.counts)) == (now, 4, len(found.span.times))
    assert pay.counts[-1] >= 1
    assert (cart.value, cart.errors, cart.p95_ms) == ("/cart", 0, None)


def test_the_order_is_by_number_by_errors_or_by_the_slowest(environment):
    for name, records, errors, slow in (("a", 3, 0, 50.0), ("b", 2, 1, None), ("c", 1, 1, 900.0), ("d", 1, 0, None)):
        for number in range(records):
            severity = 17 if number < errors else 9
            make_record(environment, service_name=name, severity_number=severity, duration_ms=slow, **BARE)
    ordered = {order: [group.value for group in count(environment, "service", order).groups] for order in groups.ORDERS}
    assert ordered == {"records": ["a", "b", "c", "d"], "errors": ["b", "c", "a", "d"], "slowest": ["c", "a", "b", "d"]}


@pytest.mark.parametrize("by", FIELDS)
def test_every_field_is_counted_and_its_condition_finds_its_records(environment, by):
    common = {
        "service_name": "check out", "session_id": "a/b c", "request_id": "r-1", "http_route": "/x*", "release": "1.2",
        "error_type": "E", "logger": "l", "event_name": "e", "fingerprint": "f" * 16, "browser": "Firefox 1",
        "geo_country": "DE", "journey_id": "j:1", "user_key": "b" * 32, "http_status": 503, "template_id": 255,
        "trace_id": uuid.UUID(int=7), "has_restricted": False,
    }  # fmt: skip
    for _ in range(2):
        make_record(environment, **common)
    make_record(environment, **BARE)
    found = count(environment, by)
    assert found.records == 3
    (group,) = [group for group in found.groups if group.records == 2]
    assert rows_of(environment, q=group.term).count() == 2
    assert rows_of(environment, q=f"-{group.term}").count() == 1


@pytest.mark.parametrize(("by", "values"), [
    ("@order", [("42", 2), ("true", 1), ("web 1", 1)]), ('@"cart size"', [("3.5", 1)]), ("host.name", [("h", 1)]),
    ("@0", [("zero", 1)]), ("@none", []), ("@box", [('{"a": 1}', 1)]), ("@a'b%s{}", [("odd", 1)]),
])  # fmt: skip
def test_attributes_are_counted_by_their_names(environment, by, values):
    for attributes in (
        {"order": 42}, {"order": "42"}, {"order": True}, {"order": "web 1"}, {"cart size": 3.5}, {"host.name": "h"},
        {"0": "zero"}, {"box": {"a": 1}}, {"order": None}, {"a'b%s{}": "odd"},
    ):  # fmt: skip
        make_record(environment, attributes=attributes, **BARE)
    found = count(environment, by)
    assert (told(found), found.records) == (values, 10)
    for group in found.groups:
        if not group.value.startswith("{"):
            assert rows_of(environment, q=group.term).count() == group.records


class AnyValue(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=400))
    def test_a_condition_finds_its_value_or_is_none(self, text):
        environment = make_environment(f"any-{uuid.uuid4().hex[:12]}")
        make_record(environment, attributes={"note": text}, service_name=text[:200], **BARE)
        make_record(environment, attributes={"note": "x" + text}, service_name="x" + text[:199], **BARE)
        for by in ("@note", "service"):
            for group in count(environment, by).groups:
                assert len(group.value) <= VALUE_CHARS
                assert not group.term or rows_of(environment, q=group.term).count() == 1


def test_the_search_is_counted_and_only_the_newest_of_many(environment, monkeypatch):
    monkeypatch.setattr(groups, "LOOKED_AT", 3)
    now = clock.now()
    for number in range(6):
        make_record(
            environment, body=f"paid {number}", release=f"1.{number}", timestamp=now - timedelta(seconds=number), **BARE
        )
    make_record(environment, body="lost", release="9", timestamp=now, **BARE)
    found = count(environment, "release", most=2, q="paid")
    assert (told(found), found.values, found.records) == ([("1.0", 1), ("1.1", 1)], 3, 3)
    assert found.since == now - timedelta(seconds=2)


def test_counting_that_takes_too_long_is_stopped(environment, monkeypatch):
    monkeypatch.setattr(groups, "SECONDS", 0.05)
    slow = "WITH found AS ({matching}) SELECT pg_sleep(5), %s, %s::interval FROM found -- {error} {order}"
    monkeypatch.setattr(groups, "COUNT", slow)
    make_record(environment, **BARE)
    with pytest.raises(SearchTooSlowError):
        count(environment, "service")
    assert connection.is_usable()


@pytest.mark.parametrize("wrong", ["", "foo", "@", '@"', "level", "duration", "a b", "ser\0vice", "@" + "x" * 201])
def test_what_is_no_field_is_named(wrong):
    with pytest.raises(ValueError, match=r"by: .* is no field; use service, .* or an attribute such as @tenant"):
        read_by(wrong)


@pytest.mark.parametrize(("typed", "name"), [
    ("Route", "route"), ("service.name", "service"), (" user: ", "user"), ("@user", "@user"), ('@"a b"', "@a b"),
    ("k8s.pod.name", "@k8s.pod.name"), ("session.id", "session"),
])  # fmt: skip
def test_names_are_those_of_the_query_line(typed, name):
    assert read_by(typed) == name
