"""W3C's carriers in a record: trace and session, where it names none itself."""

import pytest

from diagnostics.core.record import Record
from diagnostics.pipeline.carriers import session_in
from diagnostics.pipeline.context import ClientContext, EnvironmentContext
from diagnostics.pipeline.express import Express
from diagnostics.pipeline.run import process_log

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01"


def processed(**fields):
    environment = EnvironmentContext(id=1, slug="x", pseudonym_key=b"k" * 32, tracing_enabled=True)
    return process_log(Record(10**18, 10**18, **fields), Express(environment, ClientContext()))


@pytest.mark.parametrize("prefix", ["", "http.request.header."])
def test_trace_and_session_are_read(prefix):
    record = processed(
        attributes={f"{prefix}traceparent": PARENT, f"{prefix}baggage": "a=1, session.id = s%2D7 ;p=1,b=2"}
    )
    assert (record.trace_id, record.span_id, record.session_id) == (TRACE, SPAN, "s-7")


def test_the_header_may_be_a_list_as_opentelemetry_writes_it():
    assert processed(attributes={"http.request.header.traceparent": [PARENT]}).trace_id == TRACE


def test_what_the_record_says_itself_counts_more():
    own = {"baggage": "session.id=other", "traceparent": PARENT, "session.id": "mine"}
    record = processed(attributes=own, trace_id="1" * 32, span_id="2" * 16)
    assert (record.trace_id, record.span_id, record.session_id) == ("1" * 32, "2" * 16, "mine")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00-zz-zz-01",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        PARENT[:-3],
        "x" * 100_000,
        5,
        None,
        {"a": 1},
    ],
)
def test_what_is_no_traceparent_is_no_trace(text):
    assert processed(attributes={"traceparent": text}).trace_id == ""


@pytest.mark.parametrize("text", ["", ",=;,=;", "session.id", "session.id=", "a" * 9000, "=session.id"])
def test_what_names_no_session_is_none(text):
    assert session_in(text) == ""


def test_a_session_that_looks_private_is_cleaned_as_any_other():
    assert "anna" not in processed(attributes={"baggage": "session.id=anna%40example.com"}).session_id
