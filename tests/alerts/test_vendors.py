"""The vendors' own clients as judges: they take our fakes for their services, and our payloads for theirs. What their
checks miss (lengths, totals, sizes) is asserted by hand."""

import json
from urllib.parse import unquote

import opsgenie_sdk
import pytest
from microsoft_teams.cards import AdaptiveCard
from pagerduty import EventsApiV2Client
from slack_sdk.models.blocks import Block
from slack_sdk.webhook import WebhookClient
from standardwebhooks import Webhook as StandardWebhook
from svix.webhooks import Webhook as SvixWebhook

from alerts.delivery.errors import DeliveryError
from alerts.integrations.base import Setup
from alerts.integrations.opsgenie.payload import build_alert
from alerts.integrations.pagerduty.payload import build_event
from alerts.integrations.registry import INTEGRATIONS
from alerts.integrations.slack.message import ALL_CHARS, build_message, size_of
from alerts.integrations.teams.card import build_card, envelope
from alerts.models import Notification
from tests.alerts.fakes import BOT_TOKEN, FAKES, GENIE_KEY, PAGERDUTY_KEY
from tests.alerts.samples import LINKS, SIGNING_KEY, make_alert

LONG = "\N{FIRE}&<x> long " * 400
LARGE = {
    **dict.fromkeys(("title", "summary", "service", "route", "release", "rule", "deploy", "environment", "news"), LONG[:500]),
    "messages": ((LONG[:500], 123_456),) * 3, "facts": {f"Fact {n}": LONG[:500] for n in range(40)},
}  # fmt: skip
ACTIONS = Notification.Action.values


@pytest.fixture
def arrange(receiver, monkeypatch):
    return lambda kind: Setup(*FAKES[kind].arrange(receiver, monkeypatch))


def bodies(receiver):
    return [json.loads(body) for _, _, body in receiver.got if body]


# PagerDuty


def test_pagerdutys_client_takes_the_fake_for_its_service_and_sends_what_we_send(receiver, arrange):
    setup = arrange("pagerduty")
    client = EventsApiV2Client(PAGERDUTY_KEY)
    client._url = receiver.base  # the client itself insists on https, which is not what is looked at here
    assert client.trigger("down", "checkout", dedup_key="k", severity="critical", custom_details={"a": "b"})
    client.resolve("k")
    INTEGRATIONS["pagerduty"].send(make_alert(deploy=""), setup)
    INTEGRATIONS["pagerduty"].send(make_alert(deploy="", action="resolve"), setup)
    theirs, their_end, ours, our_end = bodies(receiver)
    assert set(theirs) <= set(ours)
    assert set(theirs["payload"]) <= set(ours["payload"])
    assert {type(ours["payload"][name]) for name in ("summary", "severity", "source")} == {str}
    assert set(their_end) == set(our_end) == {"routing_key", "event_action", "dedup_key"}
    assert [path for path, _, _ in receiver.got] == ["/v2/enqueue"] * 4
    assert ours["dedup_key"] == our_end["dedup_key"] == f"{'5b' * 24}-7"


@pytest.mark.parametrize("action", ACTIONS)
def test_an_event_stays_within_pagerdutys_limits(action):
    event = json.loads(build_event(make_alert(action=action, **LARGE), PAGERDUTY_KEY, "trigger"))
    assert len(event["payload"]["summary"]) <= 1024
    assert event["payload"]["severity"] in ("critical", "error", "warning", "info")
    assert len(event["dedup_key"]) <= 255
    assert all(link["href"].startswith("https://") for link in event["links"])
    assert event["payload"]["summary"].endswith("…") or len(LONG[:500]) < 1024


def test_details_that_are_too_large_are_left_out_and_said_to_be():
    facts = {f"Fact {n}": "x" * 900 for n in range(900)}
    body = build_event(make_alert(facts=facts), PAGERDUTY_KEY, "trigger")
    assert len(body) <= 512_000
    assert "too large" in json.loads(body)["payload"]["custom_details"]["omitted"]


def test_a_deploy_is_told_as_a_change_once(receiver, arrange):
    setup = arrange("pagerduty")
    sent = INTEGRATIONS["pagerduty"].send(make_alert(), setup)
    INTEGRATIONS["pagerduty"].send(make_alert(action="resolve"), Setup(setup.config, setup.secrets, sent.receipt))
    paths = [path for path, _, _ in receiver.got]
    assert paths == ["/v2/enqueue", "/v2/change/enqueue", "/v2/enqueue"]
    change = bodies(receiver)[1]
    assert change["payload"]["summary"] == "checkout deployed 1.2"
    assert change["routing_key"] == PAGERDUTY_KEY


def test_a_change_that_is_not_taken_fails_nothing(receiver, arrange):
    setup = arrange("pagerduty")
    receiver.answer(FAKES["pagerduty"].answer, 500)
    assert INTEGRATIONS["pagerduty"].send(make_alert(), setup).status == 202


def test_a_test_opens_an_incident_of_its_own_and_closes_it(receiver, arrange):
    INTEGRATIONS["pagerduty"].send(make_alert(action="test"), arrange("pagerduty"))
    opened, closed = bodies(receiver)
    assert (opened["event_action"], closed["event_action"]) == ("trigger", "resolve")
    assert opened["dedup_key"] == closed["dedup_key"] != f"{'5b' * 24}-7"
    assert opened["payload"]["summary"].startswith("Test: ")


@pytest.mark.parametrize(
    ("text", "dead"),
    [("Invalid routing key", True), ("'routing_key' is invalid", True), ("payload.summary is too long", False)],
)
def test_a_wrong_key_ends_the_target_and_a_wrong_event_does_not(receiver, arrange, text, dead):
    setup = arrange("pagerduty")
    receiver.answer((400, {}, json.dumps({"status": "invalid event", "errors": [text]}).encode()))
    with pytest.raises(DeliveryError) as failure:
        INTEGRATIONS["pagerduty"].send(make_alert(), setup)
    assert (failure.value.permanent, failure.value.disables) == (True, dead)


# Opsgenie and Jira Service Management


def opsgenie_client(receiver):
    configuration = opsgenie_sdk.Configuration()
    configuration.api_key["Authorization"] = GENIE_KEY
    configuration.host = receiver.base
    configuration.retry_http_response = []
    return opsgenie_sdk.AlertApi(opsgenie_sdk.ApiClient(configuration=configuration))


@pytest.mark.parametrize("kind", ["opsgenie", "jsm"])
def test_opsgenies_client_takes_the_fake_for_its_service_and_asks_as_we_do(receiver, arrange, kind):
    setup = arrange(kind)
    client, alert = opsgenie_client(receiver), make_alert()
    client.create_alert(opsgenie_sdk.CreateAlertPayload(**build_alert(alert)))
    alias = build_alert(alert)["alias"]
    client.close_alert(alias, identifier_type="alias", close_alert_payload=opsgenie_sdk.CloseAlertPayload(note="x"))
    client.acknowledge_alert(alias, identifier_type="alias")
    theirs = list(receiver.got)
    receiver.got.clear()
    for action in ("trigger", "resolve", "acknowledge"):
        INTEGRATIONS[kind].send(make_alert(action=action), setup)
    ours = [item for item in receiver.got if item[2]]
    assert [unquote(path) for path, _, _ in ours] == [unquote(path) for path, _, _ in theirs]
    assert {headers["authorization"] for _, headers, _ in ours} == {f"GenieKey {GENIE_KEY}"}
    assert json.loads(theirs[0][2]) == json.loads(ours[0][2])


@pytest.mark.parametrize("action", ACTIONS)
def test_an_alert_stays_within_opsgenies_limits(action):
    alert = build_alert(make_alert(action=action, **LARGE))
    assert len(alert["message"]) <= 130
    assert len(alert["alias"]) <= 512
    assert len(alert["description"]) <= 15_000
    assert len(alert["entity"]) <= 512
    assert len(alert["tags"]) <= 20
    assert all(len(tag) <= 50 for tag in alert["tags"])
    assert sum(len(name) + len(value) for name, value in alert["details"].items()) <= 8000
    assert all(isinstance(value, str) for value in alert["details"].values())
    assert alert["details"]["More"]
    assert alert["priority"] == "P1"


REQUEST = {"data": {"isSuccess": False, "status": "Alert message is not valid", "processedAt": "2026-03-01T12:00:01Z"}}


@pytest.mark.parametrize(
    ("answer", "fails"),
    [
        ((200, {}, json.dumps(REQUEST).encode()), True),
        ((200, {}, json.dumps({"data": {**REQUEST["data"], "isSuccess": True}}).encode()), False),
        ((200, {}, json.dumps({"data": {**REQUEST["data"], "processedAt": None}}).encode()), False),
        ((200, {}, json.dumps({"data": {**REQUEST["data"], "status": "Alert does not exist"}}).encode()), False),
        ((404, {}, b'{"message": "Request not found. It might not be processed, yet."}'), False),
        ((200, {}, b"[]"), False),
        (500, False),
        ("hang up", False),
    ],
)
def test_what_was_taken_is_asked_after(receiver, arrange, answer, fails):
    setup = arrange("opsgenie")
    receiver.answer(FAKES["opsgenie"].answer, answer)
    if fails:
        with pytest.raises(DeliveryError) as failure:
            INTEGRATIONS["opsgenie"].send(make_alert(), setup)
        assert failure.value.permanent
    else:
        assert INTEGRATIONS["opsgenie"].send(make_alert(), setup).status == 202
    assert receiver.got[1][0] == "/v2/alerts/requests/43a29c5c"


# Slack


def test_slacks_client_takes_the_fake_for_its_service(receiver, arrange):
    arrange("slack")
    answer = WebhookClient(receiver.url).send(text="x", blocks=build_message(make_alert())["blocks"])
    assert (answer.status_code, answer.body) == (200, "ok")


@pytest.mark.parametrize("with_acts", [False, True])
@pytest.mark.parametrize("action", ACTIONS)
def test_a_message_stays_within_slacks_limits(action, with_acts):
    message = build_message(make_alert(action=action, **LARGE), with_acts=with_acts, with_messages=True)
    blocks = message["blocks"]
    assert len(blocks) <= 50
    assert size_of(blocks) <= ALL_CHARS
    for block in blocks:
        Block.parse(block).validate_json()
        assert len(block.get("fields", [])) <= 10
        assert all(len(found["text"]) <= 2000 for found in block.get("fields", []))
        for element in block.get("elements", []):
            assert len(element["text"]["text"]) <= 75
            assert element.get("url", "https://").startswith("https://")
            assert len(element.get("value", "")) <= 2000
        assert len(block.get("elements", [])) <= 25
    assert "…" in json.dumps(message, ensure_ascii=False)


class Workspace:
    """Plays chat.* as Slack does: 200 for everything, the truth in the body."""

    def __init__(self, receiver):
        self.receiver, self.messages, self.errors = receiver, {}, {}
        receiver.play = self.play

    def play(self, path, headers, body):
        method, data = path.rsplit("/", 1)[-1], json.loads(body)
        assert headers["authorization"] == f"Bearer {BOT_TOKEN}"
        error = self.errors.pop(method, "")
        if error:
            return 200, {}, json.dumps({"ok": False, "error": error}).encode()
        ts = data.get("ts") or f"1700000000.{len(self.messages):06d}"
        self.messages[ts] = data
        return 200, {}, json.dumps({"ok": True, "channel": "C0SHOP", "ts": ts, "message": data}).encode()


@pytest.fixture
def workspace(receiver, monkeypatch):
    monkeypatch.setattr("alerts.integrations.slack.transport.API", f"{receiver.base}/api/")
    return Workspace(receiver)


def by_bot(receipt=None, **fields):
    setup = Setup({"channel": "C0123"}, {"bot_token": BOT_TOKEN, "signing_secret": "x" * 32}, receipt or {})
    return INTEGRATIONS["slack"].send(make_alert(**fields), setup).receipt


def test_a_bot_keeps_one_message_up_to_date_with_its_firing_values_and_tells_each_turn_in_its_thread(
    workspace, receiver
):
    receipt = by_bot()
    assert receipt == {"channel": "C0SHOP", "ts": "1700000000.000000"}
    by_bot(receipt, id="second-message", action="resolve", resolved_at="2026-03-01T12:30:00+00:00")
    assert [path for path, _, _ in receiver.got] == [
        "/api/chat.postMessage",
        "/api/chat.update",
        "/api/chat.postMessage",
    ]
    first, reply = workspace.messages.values()
    said = json.dumps(first, ensure_ascii=False)
    assert "Resolved: 5xx surge" in said
    assert "5xx 14.0% of 1,240 requests" in said  # what it was about is still there
    assert "40× card provider timed out" in said
    assert '"action_id"' not in said  # nothing is left to press
    assert reply["thread_ts"] == receipt["ts"]


def test_a_message_that_somebody_deleted_is_posted_anew(workspace, receiver):
    workspace.errors["chat.update"] = "message_not_found"
    receipt = by_bot({"channel": "C0SHOP", "ts": "1700000000.999999"}, action="resolve")
    assert receipt["ts"] != "1700000000.999999"
    assert [path for path, _, _ in receiver.got] == ["/api/chat.update", "/api/chat.postMessage"]


def test_a_try_that_was_cut_off_after_the_update_does_not_update_again(workspace, receiver):
    receipt = by_bot()
    workspace.errors["chat.postMessage"] = "internal_error"
    with pytest.raises(DeliveryError) as failure:
        by_bot(receipt, id="second-message", action="acknowledge")
    assert not failure.value.permanent
    by_bot({**receipt, **failure.value.receipt}, id="second-message", action="acknowledge")
    assert [path.rsplit("/")[-1] for path, _, _ in receiver.got] == [
        "chat.postMessage",
        "chat.update",
        "chat.postMessage",
        "chat.postMessage",
    ]


@pytest.mark.parametrize(
    ("error", "permanent", "disables"),
    [
        ("invalid_auth", True, True), ("channel_not_found", True, True), ("is_archived", True, True),
        ("msg_blocks_too_long", True, False), ("ratelimited", False, False), ("internal_error", False, False),
        ("<b>evil</b>", True, False),
    ],
)  # fmt: skip
def test_slack_says_no_with_200(workspace, error, permanent, disables):
    workspace.errors["chat.postMessage"] = error
    with pytest.raises(DeliveryError) as failure:
        by_bot()
    assert (failure.value.permanent, failure.value.disables) == (permanent, disables)
    assert "<" not in str(failure.value)


def test_a_bots_buttons_come_back_to_us_and_name_the_incident(workspace):
    by_bot()
    (message,) = workspace.messages.values()
    acts = [item for item in message["blocks"][-1]["elements"] if "action_id" in item]
    assert [(item["action_id"], item["value"]) for item in acts] == [("acknowledge", "7"), ("resolve", "7")]


def test_an_answer_longer_than_we_read_still_names_the_message(receiver, workspace):
    receiver.play = lambda *_: (
        200,
        {},
        b'{"ok": true, "channel": "C0SHOP", "ts": "17.01", "message": "' + b"x" * 9000 + b'"}',
    )
    assert by_bot() == {"channel": "C0SHOP", "ts": "17.01"}


# Teams


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("fields", [{}, LARGE], ids=["usual", "large"])
def test_microsofts_own_model_takes_the_card_and_it_fits(action, fields):
    card = build_card(make_alert(action=action, **fields))
    AdaptiveCard.model_validate(card)
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert len(json.dumps(envelope(card))) <= 12_000
    assert {item["type"] for item in card["actions"]} == {"Action.OpenUrl"}
    assert all(item["url"].startswith("https://") for item in card["actions"])
    if fields:
        assert "open the incident" in json.dumps(card)


@pytest.mark.parametrize("shape", ["message", "card"])
def test_both_shapes_that_flows_take(receiver, arrange, shape):
    setup = arrange("teams")
    sent = INTEGRATIONS["teams"].send(make_alert(), Setup({"shape": shape}, setup.secrets))
    (body,) = bodies(receiver)
    if shape == "message":
        assert (body["type"], len(body["attachments"])) == ("message", 1)
        assert body["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive"
        body = body["attachments"][0]["content"]
    assert body["type"] == "AdaptiveCard"
    assert "run history" in sent.note  # 202 is not a card in a channel


def test_a_record_makes_no_link_and_no_mark_in_a_card():
    said = json.dumps(
        build_card(make_alert(summary="[log in](https://evil.com) **now** <at>all</at>")), ensure_ascii=False
    )
    assert "](https://evil.com)" not in said
    assert "<at>" not in said


# Signed webhooks


@pytest.mark.parametrize("format_name", ["standard", "alertmanager", "template"])
@pytest.mark.parametrize("verifier", [StandardWebhook, SvixWebhook])
def test_two_libraries_verify_the_signature_of_every_format(receiver, arrange, verifier, format_name):
    setup = arrange("webhook")
    config = {"format": format_name, "template": '{"text": "{{ headline }}"}'}
    INTEGRATIONS["webhook"].send(make_alert(), Setup(config, setup.secrets))
    _, headers, body = receiver.got[0]
    verifier(SIGNING_KEY).verify(body, headers)
    with pytest.raises(Exception, match=r"(?i)signature"):
        verifier(SIGNING_KEY).verify(body + b" ", headers)


def test_the_alertmanager_format_has_what_its_receivers_read():
    setup = Setup({"format": "alertmanager"})
    firing = json.loads(INTEGRATIONS["webhook"].preview(make_alert(), setup))
    over = json.loads(
        INTEGRATIONS["webhook"].preview(make_alert(action="resolve", resolved_at="2026-03-01T12:30:00+00:00"), setup)
    )
    assert (firing["version"], firing["status"], over["status"]) == ("4", "firing", "resolved")
    assert firing["alerts"][0]["endsAt"] == "0001-01-01T00:00:00Z"
    assert over["alerts"][0]["endsAt"] == "2026-03-01T12:30:00+00:00"
    assert firing["alerts"][0]["fingerprint"] == over["alerts"][0]["fingerprint"]
    assert firing["commonLabels"] == {
        "alertname": "5xx surge", "severity": "critical", "environment": "Shop", "service": "checkout", "route": "/pay",
        "source": "diagnostics",
    }  # fmt: skip
    assert firing["externalURL"] == "https://diagnostics.shop.com"
    assert firing["alerts"][0]["generatorURL"] == LINKS.incident
