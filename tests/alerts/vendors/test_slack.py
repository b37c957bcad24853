"""Slack's own client and models as the judges. What they do not check (totals, sizes) is asserted by hand."""

import json

import pytest
from slack_sdk.models.blocks import Block
from slack_sdk.webhook import WebhookClient

from alerts.delivery.errors import DeliveryError
from alerts.integrations.base import Setup
from alerts.integrations.registry import INTEGRATIONS
from alerts.integrations.slack.message import ALL_CHARS, build_message, size_of
from tests.alerts.fakes import BOT_TOKEN
from tests.alerts.samples import make_alert
from tests.alerts.vendors.samples import ACTIONS, LARGE


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
