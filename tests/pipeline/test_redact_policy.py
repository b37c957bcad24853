"""Under a policy, redaction is what it is without one, but for what the policy says."""

from hypothesis import given, settings

from benchmarks.redaction.corpus import make_cases
from diagnostics.pipeline.policy.model import Policy
from diagnostics.pipeline.policy.redactor import PolicyRedactor
from diagnostics.pipeline.redact import redact_mapping, redact_text
from tests.pipeline.test_redact_properties import LINES

SILENT = Policy(journey="order.id")


def test_a_policy_that_says_nothing_of_redaction_changes_nothing_in_the_whole_corpus():
    way = PolicyRedactor(SILENT)
    cases = make_cases(13, each=12)
    assert len(cases) > 300
    for case in cases:
        record = case.record
        assert way.text(record["message"]) == redact_text(record["message"])
        assert way.mapping(record["attributes"]) == redact_mapping(record["attributes"])


@given(LINES)
@settings(max_examples=200, deadline=None)
def test_nor_in_lines_that_are_made_up(line):
    assert PolicyRedactor(SILENT).text(line) == redact_text(line)


def test_a_secret_that_is_told_twice_is_hidden_twice():
    clean = PolicyRedactor(SILENT).text("login failed password=Tr0ub4dor&3x then retried with Tr0ub4dor&3x")
    assert "Tr0ub4dor" not in clean


def test_who_can_be_reached_is_a_person():
    clean = PolicyRedactor(SILENT).mapping({"customer": {"nome": "Giulia Bianchi", "email": "g@example.com"}})
    assert "Giulia" not in str(clean)


def test_a_detector_that_is_off_lets_headers_numbers_and_lists_through():
    way = PolicyRedactor(Policy(off=frozenset({"card", "email"})))
    told = {"card": 4111111111111111, "to": ["a@example.com"], "note": "4111 1111 1111 1111 b@example.com"}
    assert way.mapping(told) == told
