"""Pages by cursor: no record twice, none missing; a search that takes too long is stopped and says so."""

import base64
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnostics.core import clock
from diagnostics.models import LogRecord
from diagnostics.search import page
from diagnostics.search.page import SearchTooSlowError, key_of, newer_than, older_than, read_page, search_limits
from diagnostics.search.rows import read_pages
from sessions_app.models import LogSession
from tests.factories import make_environment
from tests.world import make_record, make_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    """Twelve records in three instants that only nanoseconds, sequence or id tell apart."""
    environment, now = make_environment(), clock.now()
    for number in range(12):
        make_record(
            environment, timestamp=now - timedelta(microseconds=number // 4), timestamp_ns=(number % 4) // 2 * 500,
            sequence=number % 2, has_restricted=False,
        )  # fmt: skip
    make_record(environment, timestamp=now, has_restricted=False)  # equal to another in all but its id
    return LogRecord.objects.filter(environment_id=environment.pk)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(1, 14))
def test_pages_of_any_size_show_each_record_once_newest_first(rows, size):
    shown, cursor = [], ""
    while True:
        found = read_page(rows, cursor, size)
        assert 0 < len(found.records) <= size
        shown += found.records
        cursor = found.next_cursor
        if not cursor:
            break
    assert shown == list(rows.order_by(*LogRecord.NEWEST_FIRST))


def test_a_record_that_arrives_between_two_pages_moves_nothing(rows):
    everything = list(rows.order_by(*LogRecord.NEWEST_FIRST))
    first = read_page(rows, size=5)
    make_record(make_environment(), has_restricted=False)
    make_record(type("Same", (), {"pk": everything[0].environment_id, "slug": ""}), has_restricted=False)
    assert first.records + read_page(rows, first.next_cursor, 100).records == everything


def test_older_and_newer_part_the_records_around_each_one(rows):
    ordered = list(rows.order_by(*LogRecord.ORDER))
    for place, record in enumerate(ordered):
        assert list(rows.filter(older_than(key_of(record))).order_by(*LogRecord.ORDER)) == ordered[:place]
        assert list(rows.filter(newer_than(key_of(record))).order_by(*LogRecord.ORDER)) == ordered[place + 1 :]


def test_rows_by_time_and_id_are_paged_through_equal_times():
    environment, now = make_environment(), clock.now()
    for number in range(7):
        make_session(environment, session_id=f"s{number}", last_seen_at=now - timedelta(seconds=number // 4))
    rows = LogSession.objects.filter(environment=environment)
    shown, cursor = [], ""
    for _ in range(4):
        found = read_pages(rows, "-last_seen_at", cursor, 2)
        shown, cursor = shown + found.rows, found.next_cursor
    assert shown == list(rows.order_by("-last_seen_at", "-pk"))
    assert cursor == ""


def encoded(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


FORGED = ["x", "é", "=" * 9, encoded("[]"), encoded("[1,2,3]"), encoded("[1,2,3,4,5]"), encoded('{"0":1}'),
          encoded("null"), encoded('["a",1,1,1]'), encoded(f"[{10**25},1,1,1]"), encoded("2030-01-01 x"),
          encoded("\0 1"), encoded(f"[1,{10**30},{-(10**30)},{10**40}]"), encoded("[1.5,true,1,1]"), encoded("[1,true,1,1]"),
          encoded("[1,NaN]"), encoded('["2030-01-01",1]'), encoded("[" * 150)]  # fmt: skip


@pytest.mark.parametrize("cursor", FORGED)
def test_a_cursor_that_was_not_given_out_is_refused_in_words(cursor):
    for read, rows in (
        (read_page, LogRecord.objects.all()),
        (lambda rows, text: read_pages(rows, "-last_seen_at", text), LogSession.objects.all()),
    ):
        with pytest.raises(ValueError, match="cursor: not one that was given out"):
            read(rows, cursor)


def test_a_search_that_takes_too_long_is_stopped_and_says_what_helps(monkeypatch):
    monkeypatch.setattr(page, "SEARCH_SECONDS", 0.05)
    began = time.monotonic()
    said = r"stopped after 0\.05 seconds\. Choose a shorter time or add a field"
    with pytest.raises(SearchTooSlowError, match=said), search_limits(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")
    assert time.monotonic() - began < 2
    with transaction.atomic(), connection.cursor() as cursor:  # what comes after is not bound by it
        with search_limits():
            cursor.execute("SELECT 1")
        cursor.execute("SELECT current_setting('statement_timeout')")
        assert cursor.fetchone() == ("0",)
