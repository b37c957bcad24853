"""The query line: what it means, and where it says that it is wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.search.query import LENGTH, NAMES, Query, QueryError, parse_query, replace_field, without_field
from diagnostics.search.terms import Term, is_same, meanings, write_attribute


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
        ("x   levle:error", 4, "did you mean level:"),
        ("order:42", 0, "for an attribute of that name write @order:42"),
        ("a -level:loud", 9, "'loud' is no level"),
        ("status:>5xx", 7, "use status:>=500"),
        ("status:>=500ms", 7, "cannot be compared"),
        ("slow duration:250ms", 14, "use duration:>1s or duration:<=250ms"),
        ("duration:>1h", 9, "cannot be compared"),
        ("level:loud", 6, "'loud' is no level; use trace"),
        ('a level:"very loud"', 9, "no level"),
        ("status:600", 7, "use 500 or 5xx"),
        ("status:5x", 7, "no status"),
        ("level:error  AND service:checkout", 13, 'leave AND out; to find the word, write "AND"'),
        ("OR b", 0, "OR stands between two conditions"),
        ("a OR", 2, "OR stands between"),
        ("a OR OR b", 5, "OR stands between"),
        ('"" OR b', 3, "OR stands between"),
        ("a OR AND", 5, "leave AND out"),
        ("x a OR user:jane", 7, "one person after the other"),
        ("-@user.id:jane OR b", 0, "one person after the other"),
        ("(a OR b) c", 0, "no brackets"),
        ("a() OR b) c", 7, "no brackets"),
        ("template:xyz", 9, "an id has 16"),
        ("a OR -template:xyz", 15, "an id has 16"),
        ("NOT a", 0, "write -word"),
        ("x" * (LENGTH + 1), LENGTH, f"longer than {LENGTH}"),
    ],
)
def test_a_line_that_is_wrong_says_where(line, position, words):
    with pytest.raises(QueryError, match=words) as caught:
        parse_query(line)
    assert caught.value.position == position
    assert str(caught.value).endswith(f"(at character {position + 1})")


@pytest.mark.parametrize(
    ("line", "terms"),
    [
        ("host.name:web-1", [Term("host.name", "web-1", True)]),
        ("k8s.pod.name:web-1", [Term("k8s.pod.name", "web-1", True)]),
        ("-@order:42", [Term("order", "42", True, True)]),
        ('@"cart size (€)":"a b" @x:"a*"', [Term("cart size (€)", "a b", True), Term("x", "a*", True)]),
        ("@order:4* @order:*", [Term("order", "4", True, False, True), Term("order", "", True, False, True)]),
        ("@http-status_2/x:y:z", [Term("http-status_2/x", "y:z", True)]),
        ("-service:x -LEVEL:info", [Term("service", "x", is_left_out=True), Term("level", "info", is_left_out=True)]),
        ("route:/api/* -service:a*", [Term("route", "/api/", is_open=True), Term("service", "a", False, True, True)]),
        ("duration:>1.5s duration:<=250ms", [Term("duration", ">1.5s"), Term("duration", "<=250ms")]),
        ("status:>=500 -status:5xx", [Term("status", ">=500"), Term("status", "5xx", is_left_out=True)]),
        ("-user:jane -@user.id:jane", [Term("user", "jane", is_left_out=True)] * 2),
    ],
)
def test_attributes_what_is_left_out_beginnings_and_comparisons_are_read(line, terms):
    query = parse_query(line)
    assert (query.terms, query.texts, query.without, query.fields) == (terms, [], [], {})


@pytest.mark.parametrize(
    ("line", "choices", "rest"),
    [
        ("timeout OR refused", [(Term("", "timeout"), Term("", "refused"))], ""),
        (
            'x a OR -"b c" OR level:warn y',
            [(Term("", "a"), Term("", "b c", False, True), Term("level", "warn"))],
            "x y",
        ),
        ("a OR b c OR d", [(Term("", "a"), Term("", "b")), (Term("", "c"), Term("", "d"))], ""),
        (
            "status:5xx OR duration:>1s OR service:a* OR @x:1",
            [
                (
                    Term("status", "5xx"),
                    Term("duration", ">1s"),
                    Term("service", "a", is_open=True),
                    Term("x", "1", True),
                )
            ],
            "",
        ),
        ('a "OR" b -OR or', [], 'a "OR" b -OR or'),
        ('exit() OR "("', [(Term("", "exit()"), Term("", "("))], ""),
    ],
)
def test_or_joins_the_conditions_beside_it(line, choices, rest):
    query, without_or = parse_query(line), parse_query(rest)
    assert query.choices == choices
    assert (query.texts, query.without, query.fields) == (without_or.texts, without_or.without, without_or.fields)


def test_places_and_names_without_a_colon_stay_words():
    query = parse_query("db1.example.com:5432 redis-1:6379 @order jane@example.com a*")
    assert query.texts == ["db1.example.com:5432", "redis-1:6379", "@order", "jane@example.com", "a*"]
    assert parse_query('service:"a*" @service.name:x level:info').fields == {"service": "x", "level": "info"}


def test_a_person_is_replaced_wherever_the_line_names_one():
    line = 'x user:jane -user:"jane d" @user.id:jane @order:jane'
    assert replace_field(line, "user", str.upper) == 'x user:JANE -user:"JANE D" @user.id:JANE @order:jane'


@given(st.text(min_size=1, max_size=12), st.text(max_size=12) | st.integers(-9, 99) | st.booleans())
def test_what_is_written_for_an_attribute_is_read_as_it(name, value):
    line = write_attribute(name, value)
    if line and NAMES.get(name.lower()) is None:
        (term,) = parse_query(line).terms
        assert (term.name, term.is_open, term.is_left_out) == (name, False, False)
        assert any(is_same(value, meaning) for meaning in meanings(term.value))


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from([*NAMES, '"', "-", ":", " ", " OR ", "(", "x", "5xx", "//", "é", "@", ".", "*", ">", "1s"])
    ).map("".join)
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


@pytest.mark.parametrize(("line", "name", "left"), [
    ("level:error service:checkout paid", "service", "level:error paid"), ('service:"a b"', "service", ""),
    ("service.name:x @service.name:y Service:z a", "service", "a"), ("-service:x a", "service", "-service:x a"),
    ("service:a OR service:b x", "service", "service:a OR service:b x"), ("status:>=500 OR x status:404", "status", "status:>=500 OR x"),
    ("service:check* a  b", "service", "a b"), ("a  b", "service", "a  b"), ('"service:x" @service:y', "service", '"service:x" @service:y'),
])  # fmt: skip
def test_a_field_is_taken_out_of_a_line(line, name, left):
    assert without_field(line, name) == left
    parse_query(left)
