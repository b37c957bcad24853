"""Records that match rules: one automaton for all, and the same answer as asking rule by rule."""

import re2
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerts.evaluation.matched import matched_records
from alerts.evaluation.matching import TEXT, Matcher, Watched, build_matcher
from alerts.models import AlertRule
from alerts.patterns import check_pattern
from diagnostics.core.record import Record
from diagnostics.detection.templates.ids import write_id
from diagnostics.models import LogRecord
from diagnostics.search.query import NAMES, parse_query
from tests.factories import make_environment
from tests.world import make_record

MINUTE = 29_000_000
NS = MINUTE * 60_000_000_000


def record(body="", **fields):
    return Record(NS, NS, body=body, **fields)


def counts(records, *rules):
    """{rule: matches} of (service, query, pattern) rules, numbered from 1."""
    matcher = build_matcher(tuple((number, *rule) for number, rule in enumerate(rules, 1)))
    found = {}
    for rule, minute, *_, count in matcher.count(records):
        assert minute == MINUTE
        found[rule] = found.get(rule, 0) + count
    return found


def test_words_patterns_and_fields_all_have_to_fit():
    records = [
        record("payment FAILED for order 17", severity_number=17, service_name="checkout"),
        record("payment failed for order 18", severity_number=9, service_name="checkout"),
        record("payment done", severity_number=17, service_name="checkout", http_status=503),
        record("payment failed", severity_number=21, service_name="mailer"),
    ]
    assert counts(
        records,
        ("", "payment failed", ""),
        ("", '"payment failed" level:error', ""),
        ("checkout", "failed", ""),
        ("", "", r"order \d+$"),
        ("", "payment -failed", ""),
        ("", "status:5xx", ""),
        ("", "failed service:mailer", r"^payment"),
        ("", "refund", ""),
    ) == {1: 3, 2: 2, 3: 2, 4: 2, 5: 1, 6: 1, 7: 1}


def test_matches_are_counted_by_minute_and_series():
    matcher = build_matcher(((7, "", "boom", ""),))
    one = record("boom", service_name="a", http_route="/x", release="1")
    assert matcher.count([one, one, record("boom", service_name="b")]) == [
        [7, MINUTE, "a", "/x", "1", 2], [7, MINUTE, "b", "", "", 1],
    ]  # fmt: skip


def test_a_request_without_any_match_costs_one_call_and_looks_at_no_record(monkeypatch):
    monkeypatch.setattr(Watched, "matches", lambda *_: 1 / 0)
    matcher = build_matcher(tuple((number, "", f"needle{number}", "") for number in range(200)))
    assert matcher.count([record(f"hay {number}") for number in range(500)]) == []


def test_texts_longer_than_one_call_are_looked_at_piece_by_piece():
    records = [record("x" * (TEXT // 3) + " needle") for _ in range(7)]
    assert counts(records, ("", "needle", ""), ("", "", "needle$")) == {1: 7, 2: 7}


def test_what_cannot_stand_before_the_gate_is_asked_by_itself():
    records = [record("first line\nsecond"), record("second"), record("größe")]
    assert counts(
        records, ("", "", r"\Asecond"), ("", "", r"(?-m)^second$"), ("", "GRÖSSE", ""), ("", "Größe", ""), ("", "", "^second")
    ) == {1: 1, 2: 1, 4: 1, 5: 1}  # fmt: skip


def test_a_rule_that_cannot_be_read_counts_nothing_and_harms_nobody():
    assert counts([record("boom")], ("", 'open "quote', ""), ("", "", "("), ("", "boom", "")) == {3: 1}


PATTERNS = st.sampled_from(
    [
        "a",
        "b+",
        "^a",
        "b$",
        "^$|c",
        "a.b",
        "(?i)AB",
        r"\bca\b",
        "[^a]b",
        "(?s)a.b",
        r"a\nb",
        r"\Aab",
        r"c\z",
        "(?m)^c$",
        "é",
        "(a|b)c",
    ]
)
BODIES = st.text("abcAB \né", max_size=12)


@settings(max_examples=400, deadline=None)
@given(patterns=st.lists(PATTERNS, min_size=1, max_size=6), bodies=st.lists(BODIES, max_size=8))
def test_the_gate_never_changes_the_answer(patterns, bodies):
    records = [record(body) for body in bodies]
    found = counts(records, *(("", "", pattern) for pattern in patterns))
    for number, pattern in enumerate(patterns, 1):
        assert found.get(number, 0) == sum(1 for body in bodies if re2.search(pattern, body))


@settings(max_examples=200, deadline=None)
@given(
    words=st.lists(st.text("abCÄß.*", min_size=1, max_size=3), min_size=1, max_size=4),
    bodies=st.lists(BODIES | st.text("abcÄß.*", max_size=9), max_size=8),
)
def test_words_are_found_as_the_search_finds_them(words, bodies):
    records = [record(body) for body in bodies]
    lines = [*(f'"{word}"' for word in words), " OR ".join(f'"{word}"' for word in words)]
    watched = [Watched(number, "", parse_query(line), "") for number, line in enumerate(lines)]
    found = {row[0]: row[-1] for row in Matcher(watched).count(records)}
    for number, word in enumerate(words):
        assert found.get(number, 0) == sum(1 for body in bodies if word.lower() in body.lower())
    either = sum(1 for body in bodies if any(word.lower() in body.lower() for word in words))
    assert found.get(len(words), 0) == either


PIECES = [
    *NAMES,
    '"',
    "-",
    ":",
    " ",
    " OR ",
    "x",
    "5xx",
    "@",
    ".",
    "*",
    ">",
    "1s",
    "level:error",
    "template:",
    "f" * 16,
    "9" * 20,
]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
@example("-template:xyz")
@example("a OR template:xyz")
def test_whatever_a_rules_line_says_ingest_goes_on(line):
    one = record("x 5xx", template_id=7, attributes={"x": 1}, http_status=503, duration_ms=1.5)
    build_matcher(((1, "", line, ""),)).count([one])


def test_bad_patterns_are_refused_with_the_way_out():
    assert "missing )" in check_pattern("(")
    assert "look-ahead" in check_pattern("(?=a)b")
    assert "at most 500" in check_pattern("a" * 501)
    assert "smaller counts" in check_pattern(r"\pL{900}")
    assert "every record" in check_pattern("x*")
    assert check_pattern(r"timeout after \d+ ms") == ""


def test_a_rule_may_name_a_message_pattern_and_one_that_cannot_be_read_counts_nothing():
    number = 0x1234_5678_9ABC_DEF0
    records = [record("payment failed", template_id=number), record("payment failed", template_id=7)]
    assert counts(records, ("", f"template:{write_id(number)}", ""), ("", "template:nonsense", "")) == {1: 1}


def test_an_incident_shows_the_records_that_its_rule_counted_and_no_others(db):
    """A search also looks into an error's type and message; a rule counted by the text alone."""
    environment = make_environment()
    rule = AlertRule(environment=environment, signal="matches", query="price -stale")
    either = AlertRule(environment=environment, signal="matches", query="lost OR missing OR error:Stale")
    for body, error_type in (("no price", ""), ("a price", "Stale"), ("lost", "PriceMissing"), ("stale price", "")):
        make_record(environment, body=body, error_type=error_type, has_restricted=False)
    rows = LogRecord.objects.filter(environment_id=environment.pk)
    assert [record.body for record in matched_records(rule, rows, 10)] == ["a price", "no price"]
    assert [record.body for record in matched_records(either, rows, 10)] == ["lost", "a price"]


def test_a_rule_counts_what_or_joins_and_looks_for_its_words_in_the_text_alone():
    records = [
        record("Timeout"),
        record("refused", service_name="shop"),
        record("fine", http_status=503),
        record("x", error_type="Timeout"),
    ]
    found = counts(
        records,
        ("", "timeout OR refused", ""),
        ("", "timeout OR status:5xx", ""),
        ("", "refused OR timeout service:shop", ""),
        ("", "timeout OR error:Nothing", ""),
        ("", "-timeout OR -service:shop", ""),
    )
    assert found == {1: 2, 2: 2, 3: 1, 4: 1, 5: 4}


def test_words_that_or_joins_stand_before_the_gate():
    gates = [
        Watched(1, "", parse_query(line), "").gate for line in ("a.b OR c", "a OR level:error", "a OR -b", "é OR a")
    ]
    assert gates == [r"(?i:a\.b|c)", "", "", ""]


def test_a_rule_counts_by_attributes_what_is_left_out_beginnings_and_comparisons():
    records = [
        record("a", attributes={"order": 42}, service_name="checkout", duration_ms=1500.0, http_status=503),
        record("b", attributes={"order": "42", "host.name": "web-1"}, service_name="mailer", http_status=200),
        record("c", service_name="checkout-2", duration_ms=20.0),
    ]
    lines = (
        "@order:42",
        "host.name:web-*",
        "-@order:42",
        "service:check*",
        "-service:mailer",
        "duration:>1s",
        "status:>=500",
    )
    assert counts(records, *(("", line, "") for line in lines)) == {1: 2, 2: 1, 3: 1, 4: 2, 5: 2, 6: 1, 7: 1}
    assert counts(records, ("", "a @order:42", ""), ("", "@order:42", "^b"), ("", "@order:7", "")) == {1: 1, 2: 1}
