"""The query line: what it means, and where it says that it is wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.search.query import LENGTH, NAMES, Query, QueryError, parse_query


@pytest.mark.parametrize(
    ("line", "texts", "without", "fields"),
    [
        ("", [], [], {}),
        ("  \t\n ", [], [], {}),
        ("payment failed", ["payment", "failed"], [], {}),
        ('"payment failed" -heartbeat -"health check"', ["payment failed"], ["heartbeat", "health check"], {}),
        ("service:checkout LEVEL:Error", [], [], {"service": "checkout", "level": "Error"}),
        ('service.name:"a b" session.id:x/y', [], [], {"service": "a b", "session": "x/y"}),
        ("status:5xx status:404", [], [], {"status": "404"}),
        ("user:jane@example.com", [], [], {"user": "jane@example.com"}),
        ("https://example.com/a?b=c:d", ["https://example.com/a?b=c:d"], [], {}),
        ("12:30:00 ratio=1:2", ["12:30:00", "ratio=1:2"], [], {}),
        ("service: -", ["service:", "-"], [], {}),
        ('say"this"now', ["say", "this", "now"], [], {}),
        ('"" x', ["x"], [], {}),
        ('service:""', [], [], {"service": ""}),
        ("journey:j-1", [], [], {"journey": "j-1"}),
        ("100%_\\ 'x' ;--", ["100%_\\", "'x'", ";--"], [], {}),
        ("event:é", [], [], {"event": "é"}),
        ('and Or "NOT" -NOT ANDROID', ["and", "Or", "NOT", "ANDROID"], ["NOT"], {}),
    ],
)
def test_a_line_is_read(line, texts, without, fields):
    query = parse_query(line)
    assert (query.texts, query.without, query.fields) == (texts, without, fields)


@pytest.mark.parametrize(
    ("line", "position", "words"),
    [
        ('a "open', 2, "quotation mark"),
        ('a b"', 3, "quotation mark"),
        ("colour:red", 0, "there is no field 'colour'; fields are browser"),
        ("x   colour:red", 4, "colour"),
        ("ok -service:a", 3, "cannot be excluded"),
        ("level:loud", 6, "'loud' is no level; use trace"),
        ('a level:"very loud"', 9, "no level"),
        ("status:600", 7, "use 500 or 5xx"),
        ("status:5x", 7, "no status"),
        ("level:error  AND service:checkout", 13, 'leave AND out; to find the word, write "AND"'),
        ("a OR b", 2, "there is no OR"),
        ("NOT a", 0, "write -word"),
        ("x" * (LENGTH + 1), LENGTH, f"longer than {LENGTH}"),
    ],
)
def test_a_line_that_is_wrong_says_where(line, position, words):
    with pytest.raises(QueryError, match=words) as caught:
        parse_query(line)
    assert caught.value.position == position
    assert str(caught.value).endswith(f"(at character {position + 1})")


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=60) | st.lists(st.sampled_from([*NAMES, '"', "-", ":", " ", "x", "5xx", "//", "é"])).map("".join)
)
def test_any_text_is_read_or_refused_at_a_place_in_it(line):
    query, wrong = Query(), None
    try:
        query = parse_query(line)
    except QueryError as error:
        wrong = error
    assert wrong is None or 0 <= wrong.position <= len(line)
    assert all([*query.texts, *query.without])
    assert set(query.fields) <= set(NAMES.values())
