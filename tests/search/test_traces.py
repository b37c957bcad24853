"""Finding traces: by one of their spans, each once, named by their root or honestly by something else."""

import uuid
from datetime import timedelta

import pytest

from diagnostics.core import clock
from diagnostics.search import traces as walking
from diagnostics.search.trace_filters import TraceFilters, read_length
from diagnostics.search.traces import read_traces
from tests.factories import make_environment
from tests.world import make_span

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def environment():
    return make_environment()


def make_trace(environment, *spans, ago=60):
    """A trace of spans a second apart; the first is the root where its parent is empty."""
    key, began = uuid.uuid4(), clock.now() - timedelta(seconds=ago)
    root = uuid.uuid4().hex[:16]
    for number, fields in enumerate(spans):
        values = {"span_id": root if number == 0 else uuid.uuid4().hex[:16], "parent_span_id": root if number else ""}
        at = began + number * SECOND
        make_span(environment, **{**values, "trace_id": key, "timestamp": at, "session_id": "", **fields})
    return key


def find(environment, cursor="", size=50, **params):
    return read_traces(environment, TraceFilters.from_params(params), cursor, size)


def ids(page):
    return [trace.trace_id for trace in page.traces]


def test_each_trace_is_listed_once_the_newest_first_with_its_sums(environment):
    older = make_trace(environment, {"name": "GET /cart"}, {"service_name": "stock"}, ago=90)
    newer = make_trace(
        environment,
        {"name": "POST /pay", "duration_ns": 3_000_000_000},
        {"service_name": "payments", "status_code": 2, "duration_ns": 500_000_000},
        {"service_name": "payments", "http_status": 503},
    )
    page = find(environment)
    assert ids(page) == [newer, older]
    trace = page.traces[0]
    assert (trace.name, trace.service_name, trace.has_root) == ("POST /pay", "shop", True)
    assert (trace.spans, trace.errors, trace.services) == (3, 2, ["shop", "payments"])
    assert trace.duration_ms == pytest.approx(3000)
    assert page.next_cursor == ""


def test_a_trace_is_as_long_as_from_its_first_start_to_its_last_end(environment):
    make_trace(environment, {"duration_ns": 100_000_000}, {"duration_ns": 2_000_000_000})
    assert find(environment).traces[0].duration_ms == pytest.approx(3000)


def test_a_trace_whose_root_was_not_received_is_named_by_its_earliest_span(environment):
    make_trace(environment, {"name": "the edge's child", "parent_span_id": "f" * 16}, {"name": "later"})
    trace = find(environment).traces[0]
    assert (trace.name, trace.has_root) == ("the edge's child", False)


@pytest.mark.parametrize(
    "wanted",
    [
        {"service": "payments"},
        {"name": "/PAY/"},
        {"min": "2s"},
        {"status": "error"},
        {"status": "5xx"},
        {"session": "s-9"},
        {"user": "u_1"},
        {"release": "2.4.1"},
        {"service": "payments", "name": "pay", "min": "2000", "status": "503"},
    ],
)
def test_one_span_of_the_trace_must_fit_all(environment, wanted):
    fitting = {
        "service_name": "payments", "http_route": "/pay/{id}", "duration_ns": 2_500_000_000, "status_code": 2,
        "http_status": 503, "session_id": "s-9", "user_key": "u_1", "release": "2.4.1",
    }  # fmt: skip
    found = make_trace(environment, {}, fitting)
    make_trace(environment, {}, {})
    assert ids(find(environment, **wanted)) == [found]


def test_conditions_that_two_spans_share_find_nothing(environment):
    make_trace(environment, {"service_name": "shop", "status_code": 2}, {"service_name": "payments"})
    assert ids(find(environment, service="payments", status="error")) == []


@pytest.mark.parametrize("sort", ["newest", "slowest"])
def test_pages_hold_every_trace_once_however_their_spans_lie(environment, sort, monkeypatch):
    """Spans of the traces lie between one another, and a batch is smaller than a trace."""
    monkeypatch.setattr(walking, "BATCH", 2)
    made = [
        make_trace(
            environment, *({"duration_ns": (1 + number + 7 * span) * 10**6} for span in range(6)), ago=60 - number
        )
        for number in range(7)
    ]
    seen, cursor = [], ""
    while True:
        page = find(environment, cursor, 3, sort=sort)
        seen += ids(page)
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == made[::-1]  # the later ones are the slower ones, too


def test_a_page_that_walked_far_enough_says_where_it_stopped(environment, monkeypatch):
    monkeypatch.setattr(walking, "BATCH", 2)
    monkeypatch.setattr(walking, "MOST_WALKED", 2)
    key = make_trace(environment, {}, {}, {}, {})
    page = find(environment)
    assert page.traces == []
    rest = find(environment, page.next_cursor)
    assert ids(rest) == [key]


def test_the_slowest_is_that_with_the_longest_span_that_fits(environment):
    short = make_trace(environment, {"duration_ns": 10**9}, {"service_name": "stock", "duration_ns": 9 * 10**6})
    long = make_trace(environment, {"duration_ns": 9 * 10**9}, {"service_name": "stock", "duration_ns": 10**6})
    assert ids(find(environment, sort="slowest")) == [long, short]
    assert ids(find(environment, sort="slowest", service="stock")) == [short, long]


def test_times_bound_it(environment):
    make_trace(environment, {}, ago=7200)
    assert ids(find(environment)) == []
    since, until = clock.now() - timedelta(hours=3), clock.now() - timedelta(hours=1)
    assert len(ids(find(environment, since=since.isoformat(), until=until.isoformat()))) == 1


def test_other_environments_stay_out_even_with_the_same_trace_id(environment):
    key = make_trace(environment, {"service_name": "ours"})
    make_span(make_environment("other"), trace_id=key, service_name="theirs", timestamp=clock.now())
    assert find(environment).traces[0].services == ["ours"]


@pytest.mark.parametrize(
    ("text", "ns"), [("500", 500_000_000), ("1.5s", 1_500_000_000), ("2 min", 120 * 10**9), ("0.5ms", 500_000)]
)
def test_lengths_of_time_are_read_as_people_write_them(text, ns):
    assert read_length(text) == ns


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"min": "long"}, "min: 'long' is no length"),
        ({"min": "25h"}, "min: '25h'"),
        ({"min": "99999s"}, "min: at most 24 hours"),
        ({"status": "bad"}, "status: 'bad'"),
        ({"since": "yesterday"}, "since: not a time"),
        ({"since": "2030-01-02T00:00:00Z", "until": "2030-01-01T00:00:00Z"}, "until: choose a time after since"),
    ],
)
def test_what_cannot_be_read_names_its_parameter(params, said):
    with pytest.raises(ValueError, match=said):
        TraceFilters.from_params(params)


@pytest.mark.parametrize("cursor", ["x", "!!!", "e30", "W10"])
def test_a_cursor_that_was_not_given_out_is_refused(environment, cursor):
    with pytest.raises(ValueError, match="cursor"):
        find(environment, cursor)


def test_a_cursor_of_another_order_is_refused(environment):
    make_trace(environment, {})
    make_trace(environment, {})
    newest = find(environment, size=1).next_cursor
    with pytest.raises(ValueError, match="cursor"):
        find(environment, newest, sort="slowest")
