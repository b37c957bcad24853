"""A policy's effect on records and spans: detectors off, named attributes, own patterns, the journey, raw client data."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.core import clock
from diagnostics.core.record import Parsed, Record, SpanRecord
from diagnostics.pipeline.context import ClientContext, EnvironmentContext
from diagnostics.pipeline.policy import Action, KeyRule, Pattern, Policy
from diagnostics.pipeline.run import process

KEY = b"k" * 32
NOBODY = ClientContext()


def log(policy, body="", client=NOBODY, **fields):
    now = clock.now_ns()
    environment = EnvironmentContext(1, "one", KEY, policy=policy)
    return process(Parsed([Record(now, now, body=body, **fields)]), environment, client).records[0]


def span(policy, **fields):
    environment = EnvironmentContext(1, "one", KEY, policy=policy)
    made = SpanRecord("a" * 32, "b" * 16, 1, 2, **fields)
    return process(Parsed([], [made]), environment, NOBODY).spans[0]


def keys(*lines):
    return Policy(keys=tuple(KeyRule(Action(action), name) for action, name in (line.split() for line in lines)))


SAMPLES = (
    "mail jane@example.com or call +49 30 901820",
    "card 4111 1111 1111 1111 declined",
    '{"password": "hunter2hunter2", "email": "jane@example.com"}',
    "from 203.0.113.7 with token=ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "password=jane@example.com",
    "nothing private at all, order 1234",
)


@pytest.mark.parametrize("text", SAMPLES)
def test_a_policy_that_changes_nothing_in_a_text_redacts_it_as_everywhere(text):
    elsewhere = keys("drop some.other.name")
    assert log(elsewhere, text).body == log(None, text).body
    attributes = {"note": text, "email": "jane@example.com", "deep": {"list": [text, 4111111111111111]}}
    assert log(elsewhere, attributes=attributes).attributes == log(None, attributes=attributes).attributes


@given(st.text(max_size=200))
def test_any_text_is_redacted_as_everywhere(text):
    assert log(keys("drop some.other.name"), text).body == log(None, text).body


def test_a_detector_that_is_off_leaves_what_it_would_find_and_nothing_else():
    policy = Policy(off=frozenset({"email"}))
    assert log(policy, SAMPLES[0]).body == "mail jane@example.com or call [phone]"
    assert "jane@example.com" in log(policy, SAMPLES[2]).body
    assert "hunter2" not in log(policy, SAMPLES[2]).body


def test_a_password_that_looks_like_an_address_stays_hidden_when_addresses_do_not():
    assert log(Policy(off=frozenset({"email"})), "password=jane@example.com").body == "password=[password]"


def test_numbers_and_named_values_obey_too():
    policy = Policy(off=frozenset({"card", "phone", "birthdate"}))
    attributes = {
        "n": 4111111111111111,
        "phone": "030 901820 12",
        "birth_date": "1990-01-31",
        "iban": "DE89370400440532013000",
    }
    found = log(policy, attributes=attributes).attributes
    assert found == {**attributes, "iban": "[iban]"}


def test_each_action():
    policy = keys("allow note", "mask form.*", "pseudonymise customer.number", "restrict invoice*", "drop internal.*")
    record = log(
        policy,
        attributes={
            "note": "jane@example.com", "form.iban": "DE89370400440532013000", "customer.number": "4711",
            "invoice.to": "Jane Doe, jane@example.com", "internal.debug": "x", "other": "jane@example.com",
        },
    )  # fmt: skip
    pseudonym = record.attributes.pop("customer.number")
    assert record.attributes == {"note": "jane@example.com", "form.iban": "[masked]", "other": "[email]"}
    assert re.fullmatch(r"\[pseudonym:[0-9a-f]{16}\]", pseudonym)
    assert record.restricted == {"invoice.to": "Jane Doe, jane@example.com"}
    again = log(policy, attributes={"customer.number": "4711"})
    assert again.attributes["customer.number"] == pseudonym


def test_the_first_rule_that_fits_decides_whatever_the_case():
    policy = keys("allow Form.Public", "mask form.*")
    assert log(policy, attributes={"form.public": "a", "FORM.other": "b"}).attributes == {
        "form.public": "a", "FORM.other": "[masked]",
    }  # fmt: skip


def test_names_inside_an_attribute_are_joined_by_dots():
    record = log(keys("restrict user.address", "drop user.cart.*"), attributes={
        "user": {"address": "Main Street 1", "plan": "free", "cart": {"items": 3}},
    })  # fmt: skip
    assert record.attributes["user"] == {"plan": "free", "cart": {}}
    assert record.restricted == {"user.address": "Main Street 1"}


def test_who_somebody_is_becomes_a_pseudonym_whatever_the_policy_says():
    record = log(keys("allow user.*", "restrict enduser.id"), attributes={"user.id": "jane", "enduser.id": "jane"})
    assert record.attributes == {}
    assert record.restricted == {"enduser.id": "jane"}
    assert len(record.user_key) == 32
    assert log(keys("drop user.id"), attributes={"user.id": "jane"}).user_key == ""


def test_raw_client_data_is_dropped_or_kept_apart():
    client = ClientContext("203.0.113.7", "Mozilla/5.0 Firefox/128.0", is_end_user=True)
    for policy in (None, keys("drop x")):
        assert log(policy, client=client).restricted == {}
    both = Policy(restrict_address=True, restrict_agent=True)
    record = log(both, client=client)
    assert record.restricted == {"client.address": "203.0.113.7", "user_agent.original": "Mozilla/5.0 Firefox/128.0"}
    assert record.client_network == "203.0.113.0/24"
    record = log(both, attributes={"client.address": "198.51.100.9"})
    assert record.restricted == {"client.address": "198.51.100.9"}
    assert log(both, client=ClientContext("10.0.0.1", "curl/8")).restricted == {}  # a server speaks for nobody


def test_own_patterns_find_in_text_json_names_and_columns():
    policy = Policy(patterns=(Pattern("staff", r"\bEMP-\d{6}\b"),))
    record = log(
        policy, "by EMP-123456", attributes={"who": ["EMP-654321"], "EMP-111111": "x"}, error_type="EMP-222222"
    )
    assert record.body == "by [staff]"
    assert record.attributes == {"who": ["[staff]"], "[staff]": "x"}
    assert record.error_type == "[staff]"
    assert log(policy, '{"who": "EMP-123456"}').body == '{"who": "[staff]"}'


def test_what_was_cleaned_stays_as_it_is():
    policy = Policy(patterns=(Pattern("staff", r"\bEMP-\d{6}\b"),), off=frozenset({"ip"}))
    for text in (*SAMPLES, "EMP-123456 at 203.0.113.7"):
        once = log(policy, text).body
        assert log(policy, once).body == once


@pytest.mark.parametrize(("action", "begins"), [("pseudonymise", "[pseudonym:"), ("allow", "B-17")])
def test_a_journey_is_treated_as_the_policy_treats_its_attribute(action, begins):
    policy = Policy(journey="booking.ref", keys=(KeyRule(Action(action), "booking.*"),))
    first, second = (log(policy, attributes={"booking.ref": "B-17"}) for _ in range(2))
    assert first.journey_id.startswith(begins)
    assert first.journey_id == second.journey_id == span(policy, attributes={"booking.ref": "B-17"}).journey_id
    assert log(policy, attributes={"booking.ref": "B-18"}).journey_id != first.journey_id


@pytest.mark.parametrize("action", ["mask", "restrict", "drop"])
def test_what_is_hidden_names_no_journey(action):
    policy = Policy(journey="booking.ref", keys=(KeyRule(Action(action), "booking.ref"),))
    for item in (log(policy, attributes={"booking.ref": "B-17"}), span(policy, attributes={"booking.ref": "B-17"})):
        assert item.journey_id == ""
        assert "B-17" not in str(item.attributes)


def test_the_operator_names_the_journey():
    for policy in (Policy(journey="booking.ref"), Policy(journey="booking.ref", off=frozenset({"name"}))):
        record = log(policy, attributes={"booking.ref": "B-17", "journey.id": "other", "x": 1})
        assert (record.journey_id, record.attributes["x"]) == ("B-17", 1)
        assert "booking.ref" not in record.attributes
        assert span(policy, attributes={"booking.ref": 17}).journey_id == "17"


def test_spans_and_their_events_obey():
    policy = keys("restrict invoice", "mask form.*", "drop internal")
    found = span(
        policy, attributes={"invoice": "Jane", "form.a": 1, "internal": 2, "mail": "jane@example.com"},
        events=[{"name": "e", "attributes": {"invoice": "Jane", "form.b": 1, "internal": 2}}],
    )  # fmt: skip
    assert found.attributes == {"invoice": "[restricted]", "form.a": "[masked]", "mail": "[email]"}
    assert found.events[0]["attributes"] == {"invoice": "[restricted]", "form.b": "[masked]"}


def test_hostile_values_under_a_policy_are_stored_sanely_or_withheld():
    policy = keys("allow a", "restrict b", "pseudonymise c")
    deep = {}
    for _ in range(200):
        deep = {"a-b": deep}
    record = log(policy, attributes={"a": "\x00\ud800", "b": "\x00", "c": {"x": float("nan")}, "d": deep, 5: 6})
    assert "\x00" not in repr(record.attributes)
    assert record.restricted["b"] == "�"


def test_a_fault_of_the_policy_lets_nothing_through(monkeypatch):
    policy = keys("mask a")
    monkeypatch.setattr(Policy, "action_of", lambda self, name: 1 / 0)
    assert log(policy, "secret body", attributes={"x": 1}).body == "[unscanned]"
