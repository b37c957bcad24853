"""What a search finds, as a file: what may be seen, safe in spreadsheets, bounded, and written down."""

import csv
import io
from datetime import timedelta

import orjson
import pytest
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.models import AccessEvent, LogRecord
from diagnostics.privacy.pseudonyms import stand_in
from diagnostics.search import download
from tests.world import make_record, make_world


@pytest.fixture
def fetch(world, viewer):
    def ask(kind="json", **params):
        return viewer.get(reverse("log-download", args=[world.slug, kind]), params)

    return ask


def lines(answer):
    assert answer.status_code == 200
    return [orjson.loads(line) for line in b"".join(answer.streaming_content).splitlines()]


def table(answer):
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode(), newline="")))


def some(world, number, **fields):
    now = clock.now()
    for place in range(number):
        make_record(world.environment, body=f"paid {place}", timestamp=now - timedelta(seconds=place), **fields)


def test_the_newest_records_come_as_they_are_stored(world, fetch, monkeypatch):
    monkeypatch.setattr(download, "AT_ONCE", 2)
    some(world, 5, attributes={"order": 42}, http_status=503)
    answer = fetch(q="paid status:503")
    assert answer["Content-Disposition"].startswith(f'attachment; filename="logs-{world.slug}-')
    assert answer["Cache-Control"] == "no-store"
    found = lines(answer)
    assert [line["body"] for line in found] == [f"paid {place}" for place in range(5)]
    assert (found[0]["attributes"], found[0]["http_status"], found[0]["severity"]) == ({"order": 42}, 503, "error")
    record = LogRecord.objects.get(body="paid 0")
    assert (found[0]["reference"], found[0]["trace_id"]) == (record.reference, record.trace_hex)
    rows = table(fetch("csv", q="paid"))
    assert [(row["body"], row["attributes"]) for row in rows] == [
        (f"paid {place}", '{"order":42}') for place in range(5)
    ]


def test_other_environments_and_other_searches_are_not_in_it(world, fetch):
    other = make_world("shop-two")
    some(world, 1)
    assert other.record.body not in str(lines(fetch(range="30d")))
    assert lines(fetch(trace=other.record.trace_id.hex)) == []
    assert table(fetch("csv", q="nothing says this")) == []


def test_it_is_bounded_by_number_and_by_size(world, fetch, monkeypatch):
    some(world, 6)
    monkeypatch.setattr(download, "MOST", 4)
    assert len(lines(fetch(q="paid"))) == 4
    monkeypatch.setattr(download, "MOST_BYTES", 1000)
    assert 0 < len(lines(fetch(q="paid"))) < 4


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://evil.example")'])
def test_no_spreadsheet_runs_a_record(world, fetch, formula):
    make_record(world.environment, body=formula, service_name="fx", has_restricted=False)
    (row,) = table(fetch("csv", service="fx"))
    assert row["body"] == f"'{formula}"
    assert lines(fetch(service="fx"))[0]["body"] == formula


def test_it_is_written_down_with_its_time_and_person_and_without_its_words(world, fetch):
    key = stand_in(world.environment, "anna@example.org")
    some(world, 1, user_key=key)
    assert len(lines(fetch(user=key, q="paid", since="2026-01-01T00:00:00Z"))) == 1
    event = AccessEvent.objects.get(action="export.logs")
    assert (event.subject, event.detail["since"]) == ("json", "2026-01-01T00:00:00+00:00")
    assert "paid" not in str(event.detail)
    assert AccessEvent.objects.filter(action="search.user").exists()


def test_what_cannot_be_searched_leads_back_and_says_so(world, viewer, fetch):
    answer = fetch(q='"open')
    assert answer["Location"] == reverse("logs", args=[world.slug]) + "?q=%22open"
    assert "Nothing was downloaded. a quotation mark is not closed" in viewer.get(answer["Location"]).content.decode()
    assert not AccessEvent.objects.filter(action="export.logs").exists()
    assert fetch("exe").status_code == 404


def test_the_page_offers_the_very_search(world, viewer):
    some(world, 1)
    page = viewer.get(reverse("logs", args=[world.slug]), {"q": "paid", "range": "6h"}).content.decode()
    assert f"{reverse('log-download', args=[world.slug, 'csv'])}?q=paid&amp;range=6h" in page
