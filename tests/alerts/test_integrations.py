"""What leaves the building: signed, escaped, redacted, a closed set of fields."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import replace

import pytest
from slack_sdk.models.blocks import Block
from standardwebhooks import Webhook, WebhookVerificationError

from alerts.delivery.alert import Alert, Links
from alerts.delivery.errors import DeliveryError
from alerts.delivery.render import clean, render_alert
from alerts.delivery.run import deliver_due
from alerts.incidents.transitions import acknowledge_incident, resolve_incident
from alerts.integrations.alertmanager.payload import labels_of
from alerts.integrations.base import Setup
from alerts.integrations.registry import INTEGRATIONS
from alerts.integrations.slack.message import build_message
from alerts.integrations.webhook.signature import read_keys
from alerts.models import InboxMessage, Incident, Notification, Target
from alerts.targets import read_secrets, write_secrets
from diagnostics.core.secrets_box import CannotDecryptError
from tests.alerts.conftest import SIGNING_KEY
from tests.factories import make_user

OTHER_KEY = "whsec_" + base64.b64encode(bytes(range(32))).decode()
HOSTILE = "<!channel> <@U123> @here <https://evil.com|log in> & https://evil.com/x *b* `c`"


def make_alert(**fields):
    given = {
        "id": "3f0c", "action": "trigger", "dedup_key": "k", "incident_id": 7, "title": "5xx surge: checkout",
        "summary": "checkout: 5xx 14.0% of 1,240 requests in 3 min.", "severity": "critical", "environment": "Shop",
        "environment_kind": "production", "rule": "5xx surge", "service": "checkout", "route": "/pay", "release": "1.2",
        "state": "triggered", "started_at": "2026-03-01T12:00:00+00:00", "resolved_at": "", "value": 0.14,
        "trace_id": "a" * 32, "messages": (("timeout", 3),), "sessions": 2, "users": 1, "deploy": "checkout deployed 1.2",
        "links": Links("http://testserver/i", "http://testserver/l"), **fields,
    }  # fmt: skip
    return Alert(**given)


def texts_of(found):
    """Every text of a Slack message, with its kind."""
    if isinstance(found, dict):
        if "type" in found and isinstance(found.get("text"), str):
            yield found["type"], found
        for value in found.values():
            yield from texts_of(value)
    elif isinstance(found, list):
        for value in found:
            yield from texts_of(value)


# The signed webhook


@pytest.mark.django_db
def test_a_receiver_verifies_the_signature_with_the_key_alone(receiver, make_target, make_incident):
    make_target("webhook", receiver.url)
    make_incident()
    deliver_due()
    _, headers, body = receiver.got[0]
    data = Webhook(SIGNING_KEY).verify(body, headers)
    assert data["type"] == "incident.triggered"
    assert data["data"]["id"] == headers["webhook-id"] == str(Notification.objects.get().pk)
    for spoilt_body, spoilt in (
        (body + b" ", {}),
        (body, {"webhook-id": "other"}),
        (body, {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 1)}),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(SIGNING_KEY).verify(spoilt_body, {**headers, **spoilt})
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER_KEY).verify(body, headers)


@pytest.mark.django_db
def test_during_a_rotation_both_keys_verify(receiver):
    INTEGRATIONS["webhook"].send(
        make_alert(), Setup(secrets={"url": receiver.url, "signing_key": f"{SIGNING_KEY} {OTHER_KEY}"})
    )
    _, headers, body = receiver.got[0]
    for key in (SIGNING_KEY, OTHER_KEY):
        Webhook(key).verify(body, headers)


def test_the_signature_is_what_the_standard_says(receiver, standing):
    INTEGRATIONS["webhook"].send(make_alert(), Setup(secrets={"url": receiver.url, "signing_key": SIGNING_KEY}))
    _, headers, body = receiver.got[0]
    stamp = str(int(standing.now.timestamp()))
    key = base64.b64decode(SIGNING_KEY.removeprefix("whsec_"))
    digest = hmac.new(key, b"3f0c." + stamp.encode() + b"." + body, hashlib.sha256).digest()
    assert headers["webhook-timestamp"] == stamp
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("key", "is_right"),
    [
        (SIGNING_KEY, True),
        (f"{SIGNING_KEY} {OTHER_KEY}", True),
        ("", False),
        (SIGNING_KEY.removeprefix("whsec_"), False),
        ("whsec_", False),
        ("whsec_!!!!", False),
        ("whsec_ünicode", False),
        ("whsec_" + base64.b64encode(b"x" * 23).decode(), False),
        ("whsec_" + base64.b64encode(b"x" * 65).decode(), False),
        (f"{SIGNING_KEY} short", False),
    ],
)
def test_a_signing_key_is_checked_before_it_is_saved_and_its_text_is_not_repeated(key, is_right):
    problems = INTEGRATIONS["webhook"].validate({}, {"url": "https://hooks.shop.com/", "signing_key": key})
    assert (problems == []) is is_right
    if not is_right:
        with pytest.raises(ValueError) as error:
            read_keys(key)
        assert len(key) < 8 or key not in str(error.value)


def test_a_webhook_whose_key_is_broken_sends_nothing(receiver):
    with pytest.raises(DeliveryError) as failure:
        INTEGRATIONS["webhook"].send(make_alert(), Setup(secrets={"url": receiver.url, "signing_key": "whsec_x"}))
    assert failure.value.permanent
    assert receiver.got == []


@pytest.mark.django_db
def test_each_turn_of_an_incident_has_its_type_and_the_same_key(receiver, make_target, make_incident, standing):
    make_target("webhook", receiver.url)
    incident = make_incident()
    standing.advance(seconds=1)
    acknowledge_incident(incident, make_user())
    standing.advance(seconds=1)
    resolve_incident(incident, None)
    deliver_due()
    sent = [json.loads(body) for _, _, body in receiver.got]
    assert [item["type"] for item in sent] == ["incident.triggered", "incident.acknowledged", "incident.resolved"]
    assert len({item["data"]["dedup_key"] for item in sent}) == 1
    assert sent[2]["data"]["resolved_at"] == standing.now.isoformat()


# Slack


def test_slack_takes_the_blocks():
    message = build_message(make_alert())
    for block in message["blocks"]:
        Block.parse(block).validate_json()
    assert [block["type"] for block in message["blocks"]] == ["header", "section", "section", "section", "actions"]


def test_blocks_stay_within_slacks_limits_however_long_the_texts_are():
    long = "&" * 5000
    links = Links(*[f"https://diagnostics.shop.com/{'x' * 2900}"] * 2, runbook="https://shop.com/" + "x" * 4000)
    alert = make_alert(
        title=long, summary=long, service=long, release=long, deploy=long, messages=((long, 1),) * 3, links=links
    )
    message = build_message(alert)
    for block in message["blocks"]:
        Block.parse(block).validate_json()
    for kind, found in texts_of(message["blocks"]):
        assert len(found["text"]) <= (3000 if kind == "mrkdwn" else 150)
    assert all(len(element["url"]) <= 3000 for element in message["blocks"][-1]["elements"])


@pytest.mark.parametrize("place", ["title", "summary", "service", "release", "deploy", "environment", "messages"])
def test_hostile_text_of_a_record_pings_nobody_and_makes_no_link(place):
    value = ((HOSTILE, 1),) if place == "messages" else HOSTILE
    message = build_message(make_alert(**{place: value}))
    mrkdwn = [found for kind, found in texts_of(message["blocks"]) if kind == "mrkdwn"]
    assert all(found["verbatim"] is True for found in mrkdwn)
    marked = [message["text"], *(found["text"] for found in mrkdwn)]
    assert not any("<" in text or ">" in text for text in marked)
    assert (message["unfurl_links"], message["unfurl_media"]) == (False, False)
    assert "!channel" in json.dumps(message)  # it is shown, as text


def test_success_is_the_word_ok(receiver):
    send = INTEGRATIONS["slack"].send
    assert send(make_alert(), Setup(secrets={"url": receiver.url})).status == 200
    receiver.answer((200, {}, b"invalid_payload"))
    with pytest.raises(DeliveryError) as failure:
        send(make_alert(), Setup(secrets={"url": receiver.url}))
    assert failure.value.permanent
    assert "invalid_payload" not in str(failure.value)


@pytest.mark.parametrize("action", ["trigger", "acknowledge", "resolve", "test"])
@pytest.mark.parametrize("severity", ["critical", "error", "warning", "info"])
def test_each_turn_and_severity_has_a_message(action, severity):
    message = build_message(make_alert(action=action, severity=severity))
    assert message["text"].endswith(": 5xx surge: checkout")
    assert ("3× timeout" in json.dumps(message, ensure_ascii=False)) is (action != "resolve")


# All of them


@pytest.mark.parametrize(
    ("status", "permanent", "disables"), [(400, True, False), (404, True, True), (410, True, True), (503, False, False)]
)
def test_an_answer_that_is_not_2xx_is_the_right_kind_of_failure(receiver, status, permanent, disables):
    receiver.answer((status, {"Retry-After": "9"}, b"secret words"))
    with pytest.raises(DeliveryError) as failure:
        INTEGRATIONS["slack"].send(make_alert(), Setup(secrets={"url": receiver.url}))
    error = failure.value
    assert (error.permanent, error.disables, error.retry_after, error.status) == (permanent, disables, 9.0, status)
    assert "secret" not in str(error)


@pytest.mark.parametrize("kind", ["slack", "webhook"])
def test_what_is_needed_is_asked_for(kind):
    problems = INTEGRATIONS[kind].validate({}, {})
    assert problems
    assert all(problem.endswith("is needed.") for problem in problems)


@pytest.mark.django_db
def test_the_inbox_has_one_message_for_a_notification_however_often_it_is_written(make_target, make_incident, standing):
    make_target("inbox")
    incident = make_incident()
    alert = render_alert(Notification.objects.get())
    for _ in range(2):
        INTEGRATIONS["inbox"].send(alert, Setup(secrets={}))
    INTEGRATIONS["inbox"].send(replace(alert, title="x" * 900), Setup(secrets={}))
    message = InboxMessage.objects.get()
    assert (message.environment, message.title, message.text) == (
        incident.environment, "Triggered: Errors: checkout", "checkout: 40 errors in 1 min.",
    )  # fmt: skip


# What is in it

PRIVATE = (
    "mail bob@shop.com password=hunter2secret card 4111 1111 1111 1111 key AKIAIOSFODNN7EXAMPLE from 203.0.113.77 "
    "at /home/bob/shop/pay.py"
)
TRACES = ("bob@shop.com", "hunter2secret", "4111 1111", "AKIAIOSFODNN7EXAMPLE", "203.0.113.77", "/home/bob")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["webhook", "slack"])
def test_no_private_text_leaves_wherever_it_stands(receiver, make_target, make_incident, make_rule, kind):
    make_target(kind, receiver.url)
    incident = make_incident(
        make_rule(name=PRIVATE[:120]), PRIVATE[:190], PRIVATE[:190], title=PRIVATE, summary=PRIVATE
    )
    context = {
        "messages": [{"text": PRIVATE, "count": 3}],
        "deploy": {"title": PRIVATE},
        "sessions": 1,
        "session_ids": ["bob@shop.com"],
    }
    Incident.objects.update(release=PRIVATE[:190], context=context, samples=[{"body": PRIVATE}])
    incident.refresh_from_db()
    deliver_due()
    sent = receiver.got[0][2].decode()
    assert len(receiver.got) == 1
    assert not [trace for trace in TRACES if trace in sent]
    assert "bob%40shop.com" not in sent  # nor in a link


@pytest.mark.django_db
def test_an_alert_carries_a_closed_set_of_fields(receiver, make_target, make_incident):
    make_target("webhook", receiver.url)
    make_incident()
    deliver_due()
    data = json.loads(receiver.got[0][2])
    assert set(data) == {"type", "timestamp", "data"}
    assert set(data["data"]) == {
        "id", "action", "dedup_key", "incident_id", "title", "summary", "severity", "environment", "environment_kind",
        "rule", "service", "route", "release", "state", "started_at", "resolved_at", "value", "trace_id", "messages",
        "sessions", "users", "deploy", "links", "news", "back_at", "change", "told_after_ms", "facts",
    }  # fmt: skip


@pytest.mark.django_db
def test_links_lead_to_pages_of_this_environment(make_target, make_incident, environment, make_rule):
    make_target("inbox")
    rule = make_rule(runbook_url="https://wiki.shop.com/errors")
    incident = make_incident(rule)
    Incident.objects.update(trace_id="ab" * 16, context={"session_ids": ["s/1?"]})
    links = render_alert(Notification.objects.select_related("incident").get()).links
    slug = environment.slug
    assert links.incident == f"http://testserver/e/{slug}/incidents/{incident.pk}/"
    assert links.logs.startswith(f"http://testserver/e/{slug}/logs/?level=error&since=")
    assert links.trace == f"http://testserver/e/{slug}/traces/{'ab' * 16}/"
    assert links.session == f"http://testserver/e/{slug}/sessions/s%2F1%3F/"
    assert links.rule.startswith("http://testserver/admin/")
    assert links.silence == f"http://testserver/e/{slug}/incidents/{incident.pk}/silence/"
    assert links.monitor == ""
    assert links.runbook == "https://wiki.shop.com/errors"


def test_control_characters_go_and_the_length_is_bounded():
    assert clean("a\x00b\x1b[31m\u202ec\nd") == "ab[31mc\nd"
    assert len(clean("word " * 5000)) == 500


# Secrets at rest


@pytest.mark.django_db
def test_secrets_are_encrypted_at_rest_and_bound_to_their_key(make_target, settings):
    url = f"https://hooks.shop.com/{secrets.token_hex(8)}"
    target = make_target("webhook", url)
    stored = bytes(Target.objects.values_list("secrets", flat=True).get())
    assert url.encode() not in stored
    assert b"whsec" not in stored
    assert read_secrets(Target.objects.get()) == {"url": url, "signing_key": SIGNING_KEY}
    write_secrets(target, {"url": url, "signing_key": SIGNING_KEY})
    assert bytes(target.secrets) != stored  # a fresh nonce each time
    settings.SECRET_KEY = "another key, long enough and worth as little"
    with pytest.raises(CannotDecryptError):
        read_secrets(target)


@pytest.mark.django_db
def test_secrets_that_were_changed_are_not_used(make_target):
    target = make_target("webhook", "https://hooks.shop.com/")
    target.secrets = bytes(target.secrets)[:-1] + bytes([bytes(target.secrets)[-1] ^ 1])
    with pytest.raises(CannotDecryptError):
        read_secrets(target)


@pytest.mark.django_db
def test_a_target_without_secrets_has_none(make_target):
    target = make_target("inbox")
    assert read_secrets(target) == {}
    write_secrets(target, {})
    assert target.secrets == b""


def test_two_incidents_of_one_rule_and_service_are_two_alerts_for_an_alertmanager():
    first, second = (labels_of(make_alert(incident_id=number)) for number in (7, 8))
    assert (first.pop("incident"), second.pop("incident")) == ("7", "8")
    assert first == second
