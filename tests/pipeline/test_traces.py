"""Stack traces stand among the restricted fields, wherever a sender puts them; what was raised stays in sight."""

import copy
import time
from dataclasses import replace

import orjson
import pytest

from diagnostics.core.record import Parsed, Record, SpanRecord
from diagnostics.ingest.formats.native import read_record
from diagnostics.pipeline.context import NO_CLIENT
from diagnostics.pipeline.normalise import WITHHELD
from diagnostics.pipeline.run import process
from tests.pipeline.test_express import ENVIRONMENT, MOMENT
from tests.pipeline.test_redact_policy import SILENT

JS = "TypeError: x is not a function\n    at pay (/app/a.js:1:2)\n    at async /app/b.js:3:4"
PYTHON = 'Traceback (most recent call last):\n  File "/app/pay.py", line 7, in pay\n    charge()\n    ^^^^^^^^\nshop.errors.Declined: no funds'
CHAINED = f"{PYTHON}\n\nDuring handling of the above exception, another exception occurred:\n\n{PYTHON.replace('shop.errors.Declined', 'KeyError')}"
JVM = "java.lang.IllegalStateException: sold out\n\tat com.x.Cart.add(Cart.java:12)\nCaused by: java.io.IOException: gone\n\t... 3 more"
DOTNET = "System.Exception: boom\r\n   at Shop.Pay() in C:\\src\\Pay.cs:line 3\r\n   at Shop.Run()"
GO = "panic: boom\n\ngoroutine 1 [running]:\nmain.pay(0x1)\n\t/app/pay.go:12 +0x1d"


def clean(**fields):
    """The record as it is stored; under a policy it comes out alike."""
    found = []
    for environment in (ENVIRONMENT, replace(ENVIRONMENT, policy=SILENT)):
        record = copy.deepcopy(Record(MOMENT, MOMENT, severity_number=17, **fields))
        found += process(Parsed([record]), environment, NO_CLIENT).records
    assert repr(found[0]) == repr(found[1])
    return found[0]


@pytest.mark.parametrize(
    ("attributes", "name", "error_type"),
    [
        ({"err": {"type": "Declined", "message": "x", "stack": JS, "code": 7}}, "err.stack", "Declined"),
        ({"err": {"name": "RangeError", "stack": JS}}, "err.stack", "RangeError"),
        ({"a": {"b": [{"stack": JS}]}}, "a.b.0.stack", "TypeError"),
        ({"exception": PYTHON}, "exception", "shop.errors.Declined"),
        ({"exc_info": PYTHON}, "exc_info", "shop.errors.Declined"),
        ({"full_message": f"pay failed\n{PYTHON}"}, "full_message", "shop.errors.Declined"),
        ({"@x": DOTNET}, "@x", "System.Exception"),
        ({"error": JVM}, "error", "java.lang.IllegalStateException"),
        ({"exception": [{"exc_type": "KeyError", "exc_value": "x", "frames": [{"filename": "/app/a.py"}]}]}, "exception.0.frames", "KeyError"),
        ({"err": {"stack": JS}, "exception.type": "Told"}, "err.stack", "Told"),
    ],
)  # fmt: skip
def test_attributes_that_hold_a_trace_are_restricted(attributes, name, error_type):
    record = clean(body="failed", attributes=attributes)
    assert record.restricted.keys() == {name}
    assert record.error_type == error_type
    assert not any(word in str(record.attributes) for word in ("/app", "Cart.java", "Pay.cs", "pay.py"))


def test_what_stands_beside_a_trace_stays():
    record = clean(body="failed", attributes={"err": {"type": "Declined", "message": "no funds", "stack": JS}, "n": 1})
    assert record.attributes == {"err": {"type": "Declined", "message": "no funds"}, "n": 1}
    assert record.restricted == {"err.stack": JS}


@pytest.mark.parametrize(
    "value",
    [
        "no funds",
        "two\nlines",
        "meet\n  at noon",
        "Traceback (most recent call last):\\n  File",
        {"message": "x"},
        ["a"],
        7,
        None,
    ],
)
def test_general_names_that_hold_no_trace_stay(value):
    for name in ("exception", "error", "err", "full_message"):
        record = clean(body="x", attributes={name: value})
        assert record.attributes == {name: value}
        assert (record.restricted, record.error_type) == ({}, "")


@pytest.mark.parametrize(
    ("body", "left", "error_type"),
    [
        (f"boom\n{PYTHON}", "boom\nshop.errors.Declined: no funds", "shop.errors.Declined"),
        (PYTHON, "shop.errors.Declined: no funds", "shop.errors.Declined"),
        (f"boom\n{CHAINED}\n", "boom\nshop.errors.Declined: no funds\nKeyError: no funds", "KeyError"),
        (JS, "TypeError: x is not a function", "TypeError"),
        (f"pay failed\n{JS}", "pay failed\nTypeError: x is not a function", "TypeError"),
        (JVM, "java.lang.IllegalStateException: sold out\nCaused by: java.io.IOException: gone", "java.lang.IllegalStateException"),
        (GO, "panic: boom", ""),
        ("    at pay (/app/a.js:1:2)\n    at b (/app/b.js:3:4)", "stack trace", ""),
        (orjson.dumps({"level": 50, "err": {"type": "Declined", "stack": JS}, "msg": "no"}).decode(),
         '{"level":50,"err":{"type":"Declined"},"msg":"no"}', "Declined"),
    ],
)  # fmt: skip
def test_a_trace_in_the_text_is_restricted_and_what_was_raised_stays(body, left, error_type):
    record = clean(body=body)
    assert (record.body, record.error_type) == (left, error_type)
    (trace,) = record.restricted.values()
    assert any(word in trace for word in ("/app", "Cart.java"))


@pytest.mark.parametrize(
    "body", ["two\nlines", "list:\n  - a\n  - b", "meet\n    at noon", '{"note": "a\\n at noon"}', "x at y (z:1)", "Traceback is a word\n"]
)  # fmt: skip
def test_other_texts_of_several_lines_stay(body):
    record = clean(body=body)
    assert (record.body, record.restricted) == (body, {})


def test_a_trace_that_comes_twice_is_kept_once():
    record = clean(body=f"boom\n{PYTHON}", attributes={"exception.stacktrace": "mine\n    at f (a.js:1:2)"})
    assert record.restricted["exception.stacktrace"].startswith("mine")


def test_what_names_a_thing_is_no_error():
    record = clean(body="x", attributes={"cloud": {"name": "Shop", "stack": "prod"}})
    assert record.error_type == ""
    assert record.restricted == {"cloud.stack": "prod"}


def test_spans_and_their_events_hold_a_sign_instead():
    event = {
        "name": "exception",
        "attributes": {"err": {"message": "x", "stack": JS}, "exception": PYTHON, "stack": JS},
    }
    span = SpanRecord("a" * 32, "b" * 16, MOMENT, MOMENT, attributes={"err": {"stack": JS}}, events=[event])
    for environment in (ENVIRONMENT, replace(ENVIRONMENT, policy=SILENT)):
        (found,) = process(Parsed(spans=[copy.deepcopy(span)]), environment, NO_CLIENT).spans
        assert found.attributes == {"err": {"stack": WITHHELD}}
        inner = found.events[0]["attributes"]
        assert inner == {"err": {"message": "x", "stack": WITHHELD}, "exception": WITHHELD, "stack": WITHHELD}


def test_loggers_lines_as_they_come():
    pino = {
        "level": 50,
        "time": 1_700_000_000_000,
        "err": {"type": "TypeError", "message": "x", "stack": JS},
        "msg": "x",
    }
    record = read_record(pino, 0, MOMENT)
    (found,) = process(Parsed([record]), ENVIRONMENT, NO_CLIENT).records
    assert (found.error_type, found.restricted) == ("TypeError", {"err.stack": JS})


HOSTILE = [
    "\n    at " * 20_000, "\n" * 60_000, "a" * 60_000 + "\n at x", "\n\tx" * 20_000, "Traceback (most recent call last):\n" * 100_000,
    "\n    at x (y:1)" * 500_000, "\n" + " " * 5_000_000 + "at x", "x\n    at " + "a:1" * 1_000_000, "A." * 3_000_000 + "\n  at x (y:1)",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_take_no_time(text):
    started = time.process_time()
    clean(body=text, attributes={"exception": text, "err": {"exception": text}})
    assert time.process_time() - started < 5


def test_a_long_text_with_a_trace_is_marked_as_cut():
    record = clean(body=f"boom\n{PYTHON}\n" + "more and more\n" * 100_000)
    assert record.attributes == {"diagnostics.truncated": True}
    assert record.body.startswith("boom\nshop.errors.Declined: no funds\nmore")
