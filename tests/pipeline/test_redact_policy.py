"""Under a policy, redaction is what it is without one, but for what the policy says."""

import copy
import time
from dataclasses import replace

from hypothesis import given, settings

from benchmarks.redaction.corpus import make_cases
from benchmarks.workload import Shop, otlp_batch
from diagnostics.ingest.formats.otlp_logs import parse_protobuf
from diagnostics.pipeline.policy.model import Action, KeyRule, Policy
from diagnostics.pipeline.policy.redactor import PolicyRedactor
from diagnostics.pipeline.policy.way import PolicyWay
from diagnostics.pipeline.redact import redact_mapping, redact_text
from diagnostics.pipeline.run import go_the_long_way
from tests.pipeline.test_express import CLIENTS, ENVIRONMENT, RECORDS
from tests.pipeline.test_redact_properties import LINES

SILENT = Policy(keys=(KeyRule(Action.DROP, "nobody.sends.this"),))
UNDER_POLICY = replace(ENVIRONMENT, policy=SILENT)


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


def compare(record):
    """The same record, with and without the policy."""
    plain, under = copy.deepcopy(record), copy.deepcopy(record)
    go_the_long_way(plain, ENVIRONMENT, CLIENTS[1])
    PolicyWay(UNDER_POLICY, CLIENTS[1]).clean_log(under)
    assert repr(under) == repr(plain)


def test_ordinary_traffic_comes_out_alike():
    records = parse_protobuf(otlp_batch(Shop(5).lines(500), 1), time.time_ns()).records
    for record in records:
        compare(record)
    assert len(records) == 500


@given(RECORDS)
@settings(max_examples=200, deadline=None)
def test_any_record_comes_out_alike(record):
    compare(record)


def test_a_fault_that_passes_withholds_a_text_once(monkeypatch):
    way = PolicyRedactor(SILENT)
    with monkeypatch.context() as patch:
        patch.setattr(way, "settle", lambda *_: 1 / 0)
        assert way.text("order 17 paid") == "[unscanned]"
    assert way.text("order 17 paid") == "order 17 paid"
