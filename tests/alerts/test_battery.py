"""One table of situations that each kind of target must stand, against a server that plays its receiver."""

import json
import logging
import re
import socket
import time
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest

from alerts.delivery import http
from alerts.delivery.errors import DeliveryError
from alerts.delivery.render import clean
from alerts.delivery.share import withhold
from alerts.integrations.base import Setup
from alerts.integrations.registry import INTEGRATIONS
from alerts.models import Notification
from diagnostics.core import clock
from tests.alerts.fakes import DEAD, ELSEWHERE, FAKES, HTTP_KINDS, QUICK_KINDS, REFUSED, RETRY
from tests.alerts.samples import make_alert

HIDDEN = ("tok-3n-s3cr3t", "xoxb-", "0123456789abcdef0123456789abcdef", "genie-key", "whsec_")


@pytest.fixture
def arranged(receiver, monkeypatch, settings):
    """Sets a kind up against the server; gives (send, receiver)."""

    def arrange(kind):
        config, secrets = FAKES[kind].arrange(receiver, monkeypatch)
        return lambda alert, receipt=None: INTEGRATIONS[kind].send(alert, Setup(config, secrets, receipt or {}))

    return arrange


def told(receiver):
    """Bodies and headers of what was sent, without questions."""
    return [(headers, body) for _, headers, body in receiver.got if body]


def refuse(send, alert=None):
    with pytest.raises(DeliveryError) as failure:
        send(alert or make_alert())
    assert not [word for word in HIDDEN if word in str(failure.value)]
    assert "127.0.0.1" not in str(failure.value)
    return failure.value


def test_every_kind_stands_in_the_table():
    assert {*FAKES, *ELSEWHERE} == set(INTEGRATIONS)


@pytest.mark.parametrize("kind", HTTP_KINDS)
def test_a_receiver_that_answers_well_is_told_once(arranged, receiver, kind):
    sent = arranged(kind)(replace(make_alert(), deploy=""))
    assert len(told(receiver)) == 1
    assert sent.status == (None if kind == "apprise" else FAKES[kind].answer[0])


CASES = [(kind, status, outcome) for kind in HTTP_KINDS for status, outcome in sorted(FAKES[kind].statuses.items())]


@pytest.mark.parametrize(("kind", "status", "outcome"), CASES)
def test_each_status_is_the_failure_that_it_is(arranged, receiver, kind, status, outcome):
    send = arranged(kind)
    receiver.answer((status, {"Location": "http://169.254.169.254/"} if status == 302 else {}, b"no, tok-3n-s3cr3t"))
    error = refuse(send)
    assert (error.permanent, error.disables) == {RETRY: (False, False), REFUSED: (True, False), DEAD: (True, True)}[
        outcome
    ]
    if kind != "apprise":
        assert error.status == status
    assert len(told(receiver)) == 1  # not followed, not tried again by itself


WAITS = [("0", 0.0), ("1", 1.0), ("30", 30.0), ("soon", None), ("", None), ("-5", None), ("1e9", None)]


@pytest.mark.parametrize("kind", QUICK_KINDS)
def test_a_wait_that_is_asked_for_is_passed_on(arranged, receiver, kind, standing):
    send = arranged(kind)
    for text, seconds in [*WAITS, (format_datetime(clock.now() + timedelta(seconds=90), usegmt=True), 89.0)]:
        receiver.answer((429, {"Retry-After": text}, b""))
        assert refuse(send).retry_after == pytest.approx(seconds, abs=1.1) if seconds else (None, 0.0)


@pytest.mark.parametrize("kind", QUICK_KINDS)
def test_a_huge_answer_is_not_read_to_its_end(arranged, receiver, kind):
    send = arranged(kind)
    receiver.answer((FAKES[kind].answer[0], {}, b"x" * 10_000_000))
    started = time.monotonic()
    if FAKES[kind].reads_answer:
        refuse(send)
    else:
        send(make_alert(deploy=""))
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("kind", QUICK_KINDS)
def test_nobody_waits_for_a_slow_receiver_beyond_the_deadline(arranged, receiver, kind, monkeypatch):
    monkeypatch.setattr(http, "DEADLINE_SECONDS", 0.3)
    send = arranged(kind)
    receiver.on_request = lambda: time.sleep(1)
    started = time.monotonic()
    error = refuse(send)
    assert time.monotonic() - started < 2
    assert (error.permanent, str(error)) == (False, "no answer in time")


@pytest.mark.parametrize("kind", QUICK_KINDS)
def test_nobody_there_is_tried_again(arranged, receiver, kind, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    receiver.base = f"http://127.0.0.1:{port}"
    receiver.url = f"{receiver.base}/hook/tok-3n-s3cr3t"
    assert not refuse(arranged(kind)).permanent


@pytest.mark.parametrize("kind", QUICK_KINDS)
def test_an_answer_lost_after_processing_is_repeated_under_the_same_key(arranged, receiver, kind):
    send = arranged(kind)
    answer = receiver.answers[0]
    receiver.answer("hang up", answer)  # the receiver has the message, and its answer never arrives
    assert not refuse(send).permanent
    send(make_alert(deploy=""))
    identities = [FAKES[kind].identity(headers, body) for headers, body in told(receiver)]
    assert len(identities) == 2
    if FAKES[kind].is_at_most_one:
        assert identities[0]
        assert identities[0] == identities[1]


@pytest.mark.parametrize("kind", QUICK_KINDS)
@pytest.mark.parametrize("action", Notification.Action.values)
def test_each_turn_can_be_told(arranged, receiver, kind, action):
    arranged(kind)(make_alert(action=action, resolved_at="2026-03-01T12:30:00+00:00" if action == "resolve" else ""))
    assert told(receiver)


@pytest.mark.parametrize("kind", QUICK_KINDS)
@pytest.mark.parametrize("action", ["trigger", "resolve"])
def test_a_target_that_shares_nothing_is_told_nothing_but_that_something_is(arranged, receiver, kind, action):
    names = {
        "service": "checkout",
        "route": "/pay",
        "release": "1.2-rc",
        "rule": "5xx surge",
        "deploy": "checkout 1.2-rc",
    }
    arranged(kind)(withhold(make_alert(action=action, **names), []))
    said = b" ".join(body for _, body in told(receiver)).decode()
    assert said
    shown = [
        word
        for word in ("checkout", "/pay", "1.2-rc", "5xx surge", "14.0%", "timed out", "abab", "wiki")
        if word in said
    ]
    assert shown == []


HOSTILE = {
    "emoji": "\N{FIRE}" * 4000, "right to left": "\u202e\u2066evil\u2069" * 800, "control": "".join(map(chr, range(32))) * 99,
    "quotes": "\"'\\`</script>{{ title }}{% x %}${y}" * 200, "lines": "\r\nX-Evil: 1\r\n\r\n" * 300, "long": "word " * 20_000,
    "markup": "<!channel> <@U123> [a](https://evil.com) *b* `c` <b onclick=x>" * 90, "lone": "a\ud800b",
}  # fmt: skip


@pytest.mark.parametrize("kind", QUICK_KINDS)
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_text_is_carried_as_text_and_cut_to_size(arranged, receiver, kind, name):
    text = clean(HOSTILE[name])  # what an alert can hold at worst
    fields = dict.fromkeys(("title", "summary", "service", "route", "release", "rule", "deploy", "environment"), text)
    arranged(kind)(make_alert(**fields, messages=((text, 1),) * 3))
    for headers, body in told(receiver):
        assert len(body) < 64_000
        json.loads(body)
        assert "x-evil" not in headers


CANARIES = {
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "password": "password=hunter2secret",
    "jwt": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "card": "4111 1111 1111 1111",
    "mail": "bob.canary@shop.com",
    "bearer": "Authorization: Bearer c4n4ry0123456789abcdef",
    "cookie": "Cookie: sessionid=c4n4ryc00kie0123456789",
    "url": "https://api.shop.com/x?api_key=c4n4ryk3y0123456789",
    "database": "postgresql://app:c4n4ryp4ss@db.internal/shop",
    "path": "/home/bob/shop/pay.py",
    "host": "db-1.shop.internal",
    "address": "203.0.113.77",
    "iban": "DE89 3704 0044 0532 0130 00",
    "slack": "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy",
    "pem": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----",
}
PLACES = ("title", "summary", "service", "route", "release", "rule", "deploy", "environment", "news", "change")
SECRET_PARTS = (
    "AKIAIOSFODNN7EXAMPLE", "hunter2secret", "dozjgNryP4J3", "4111 1111", "bob.canary", "c4n4ry", "/home/bob", "shop.internal",
    "203.0.113.77", "3704 0044", "pdFZKVeTuE8", "MIIEvQIBADAN",
)  # fmt: skip


@pytest.mark.parametrize("kind", HTTP_KINDS)
def test_no_secret_leaves_though_nothing_was_redacted_before(arranged, receiver, kind, caplog):
    """The last redaction alone holds: these alerts never passed the first."""
    caplog.set_level(logging.DEBUG)
    send = arranged(kind)
    names = sorted(CANARIES) if kind != "apprise" else ["password"]
    for name in names:
        alert = make_alert(**dict.fromkeys(PLACES, f"see {CANARIES[name]} end"), messages=((CANARIES[name], 2),),
                           facts={"Extra": f"is {CANARIES[name]} now"})  # fmt: skip
        send(alert)
        receiver.answer((500, {}, CANARIES[name].encode()))
        assert not [part for part in SECRET_PARTS if part in str(refuse(send, alert))]
        receiver.answers.clear()
        receiver.answers.append(FAKES[kind].answer)
    said = " ".join(body.decode() + json.dumps(headers) for headers, body in told(receiver))
    said = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), said)
    assert [part for part in SECRET_PARTS if part in said] == []
    logged = caplog.text
    assert [part for part in (*SECRET_PARTS, *HIDDEN) if part in logged] == []


@pytest.mark.parametrize("kind", sorted(set(INTEGRATIONS) - {"inbox"}))
def test_what_is_needed_is_asked_for_and_nothing_else_is_taken(kind, settings):
    integration = INTEGRATIONS[kind]
    assert integration.validate({}, {})
    assert integration.label
    assert integration.help_text.endswith(".")
    for each in integration.fields:
        if each.choices:
            assert any(each.label in problem for problem in integration.validate({each.name: "nonsense"}, {}))
    for problem in integration.validate({}, {each.name: "x" for each in integration.fields if each.is_secret}):
        assert problem[0].isupper()
        assert problem.endswith(".")


@pytest.mark.parametrize("kind", HTTP_KINDS)
def test_a_working_setup_is_taken(arranged, receiver, kind, monkeypatch):
    config, secrets = FAKES[kind].arrange(receiver, monkeypatch)
    assert INTEGRATIONS[kind].validate(config, secrets) == []


@pytest.mark.parametrize("kind", sorted(INTEGRATIONS))
def test_a_preview_shows_the_message_and_no_credential(receiver, kind, monkeypatch):
    config, secrets = FAKES[kind].arrange(receiver, monkeypatch) if kind in FAKES else ({}, {})
    text = INTEGRATIONS[kind].preview(make_alert(), Setup(config, secrets))
    assert kind == "task" or "checkout" in text
    assert not [word for word in HIDDEN if word in text]
    assert receiver.got == []


@pytest.mark.parametrize("kind", sorted(INTEGRATIONS))
def test_the_last_redaction_leaves_a_harmless_message_as_it_is(receiver, kind, monkeypatch, standing):
    """A receiver's own words (types, schemas, states) must not be taken for something private."""
    config, secrets = FAKES[kind].arrange(receiver, monkeypatch) if kind in FAKES else ({}, {})
    for shape in ("message", "card") if kind == "teams" else ("",):
        for action in Notification.Action.values:
            setup = Setup({**config, "shape": shape} if shape else config, secrets)
            sealed = INTEGRATIONS[kind].preview(make_alert(action=action), setup)
            with monkeypatch.context() as patch:
                patch.setattr("alerts.delivery.seal.redact_text", lambda text, profile: text)
                assert INTEGRATIONS[kind].preview(make_alert(action=action), setup) == sealed
