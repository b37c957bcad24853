"""Templates and headers that people write: names from a closed list, no logic, no way out; and what goes where."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.changes import check_target
from alerts.delivery.errors import DeliveryError
from alerts.integrations.base import Setup
from alerts.integrations.registry import INTEGRATIONS
from alerts.integrations.template import NAMES, check_template, fill, inside_json, variables_of
from tests.alerts.samples import SIGNING_KEY, make_alert

BAIT = [
    "{{ alert.title }}", "{{ title.__class__ }}", "{{ settings.SECRET_KEY }}", "{{ ''.__class__.__mro__ }}", "{{ 7*7 }}",
    "{% load x %}", "{% if 1 %}x{% endif %}", "{# x #}", "{{ title|safe }}", "{{ title()}}", "{{ request }}", "{{}}", "{{ self }}",
    "{{ title }}{{ config }}", "{{{{ title }}}}",
]  # fmt: skip


@pytest.mark.parametrize("text", BAIT)
def test_what_is_no_name_is_refused_before_it_is_saved_and_gives_nothing_when_filled(text):
    assert check_template(text, "Body")
    assert "class" not in fill(text, variables_of(make_alert()), str).replace("__class__", "")
    assert "49" not in fill(text, variables_of(make_alert()), str)


@pytest.mark.parametrize("text", ["{0.__class__}", "{title}", "%(title)s", "${title}", "<%= title %>"])
def test_what_other_engines_would_read_is_plain_text(text):
    assert check_template(text, "Body") == []
    assert fill(text, variables_of(make_alert()), str) == text


def test_every_name_has_a_value_and_a_value_is_never_read_as_a_template():
    variables = variables_of(make_alert(title="{{ summary }} {{ dedup_key }}"))
    assert set(variables) == set(NAMES)
    assert fill("{{ title }}", variables, str) == "{{ summary }} {{ dedup_key }}"


@given(st.text(max_size=300))
def test_json_stays_json_whatever_a_value_holds(text):
    text = text.encode("utf-8", "ignore").decode()
    filled = fill('{"a": "{{ title }}", "b": ["{{title}}"]}', {"title": text}, inside_json)
    assert json.loads(filled) == {"a": text, "b": [text]}


@pytest.mark.parametrize(
    ("config", "secrets", "problem"),
    [
        ({"template": "{"}, {}, "must be JSON"),
        ({"template": '{"v": {{ value }}}'}, {}, "between quotes"),
        ({"template": "x" * 10_001}, {}, "at most 10,000"),
        ({"template": "{}", "method": "DELETE"}, {}, "Method must be one of"),
        ({"template": "{}"}, {"headers": "Host: evil.com"}, "Host is set by Diagnostics"),
        ({"template": "{}"}, {"headers": "no colon"}, "line 1 must be"),
        ({"template": "{}"}, {"headers": "X Y: z"}, "line 1 must be"),
        ({"template": "{}"}, {"headers": "X-A: {{ secret }}"}, "there is no 'secret'"),
        ({"template": "{}"}, {"headers": "\n".join(f"X-{n}: y" for n in range(21))}, "at most 20"),
        ({"template": "{}"}, {"signing_key": "short"}, "whsec_"),
    ],
)
def test_a_custom_action_is_checked_before_it_is_saved(config, secrets, problem):
    found = INTEGRATIONS["custom_webhook"].validate(config, {"url": "https://hooks.shop.com/", **secrets})
    assert problem in " ".join(found)


def custom(receiver, config, headers="", **fields):
    setup = Setup(config, {"url": receiver.url, "headers": headers})
    INTEGRATIONS["custom_webhook"].send(make_alert(**fields), setup)
    return receiver.got[-1]


def test_body_and_headers_are_filled(receiver):
    _, headers, body = custom(receiver, {"template": '{"text": "{{ headline }}", "id": "{{ incident_id }}"}'},
                                 "Authorization: Bearer abc-def-123456\nX-Severity: {{ severity }}")  # fmt: skip
    assert json.loads(body) == {"text": "Triggered: 5xx surge: checkout", "id": "7"}
    assert (headers["authorization"], headers["x-severity"]) == ("Bearer abc-def-123456", "critical")
    _, headers, body = custom(
        receiver, {"template": "t={{ title }}&s={{ severity }}", "content": "form"}, title="a&b=c d"
    )
    assert (headers["content-type"], body) == ("application/x-www-form-urlencoded", b"t=a%26b%3Dc%20d&s=critical")
    _, headers, body = custom(receiver, {"template": "{{ title }}: {{ summary }}", "content": "text"})
    assert headers["content-type"].startswith("text/plain")
    assert body.decode() == "5xx surge: checkout: checkout: 5xx 14.0% of 1,240 requests in 3 min."


def test_a_value_makes_no_header_of_its_own(receiver):
    _, headers, _ = custom(
        receiver, {"template": "{}"}, "X-Title: {{ title }}", title="a\r\nX-Evil: 1\r\n\r\nGET /pay \u2028é"
    )
    assert "x-evil" not in headers
    assert headers["x-title"].startswith("a  X-Evil: 1")


def test_a_template_that_gives_no_json_any_more_sends_nothing(receiver):
    with pytest.raises(DeliveryError) as failure:
        custom(receiver, {"template": '{"a": {{ title }}}'})
    assert failure.value.permanent
    assert receiver.got == []


# Secrets that were typed for one address do not follow to another


@pytest.mark.parametrize(
    ("kind", "config", "travelling"),
    [
        ("custom_webhook", {"template": "{}"}, {"headers": "Authorization: Bearer abc"}),
        ("alertmanager", {}, {"token": "abc"}),
    ],
)
def test_credentials_do_not_go_along_to_another_address(kind, config, travelling):
    known = {"url": "https://a.shop.com/", **travelling}
    assert "give it again" in check_target(kind, config, {"url": "https://evil.com/"}, known)[0]
    assert check_target(kind, config, {"url": "https://evil.com/", **travelling}, known) == []
    assert check_target(kind, config, {"url": "https://a.shop.com/"}, known) == []
    assert check_target(kind, config, {}, known) == []


def test_a_single_dash_removes_a_secret():
    known = {"url": "https://hooks.slack.com/services/a", "signing_secret": "x" * 32}
    assert check_target("slack", {}, {"signing_secret": "-"}, known) == []
    assert "is needed" in check_target("slack", {}, {"url": "-"}, known)[0]
    assert check_target("webhook", {}, {"signing_key": SIGNING_KEY, "url": "https://a.shop.com"}, {}) == []
