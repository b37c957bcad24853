"""Slack by incoming webhook, or by a bot that updates its message in place and tells each turn in its thread."""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from alerts.delivery import http
from alerts.delivery.alert import Alert
from alerts.delivery.errors import DeliveryError
from alerts.delivery.seal import Sealed, own_texts, seal
from alerts.integrations.base import Field, Sent, Setup, check_fields, check_reply
from alerts.integrations.slack.message import build_message, escape
from alerts.integrations.text import headline

API: Final = "https://slack.com/api/"
GONE: Final = frozenset({403, 404, 410})
# Of chat.*: what another try may mend, and what says that the token or the channel is no good.
PASSING: Final = frozenset({
    "ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout",
})  # fmt: skip
DEAD: Final = frozenset({
    "invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_authed", "channel_not_found", "is_archived",
    "not_in_channel", "no_permission", "missing_scope", "org_login_required", "team_access_not_granted",
})  # fmt: skip
# Of incoming webhooks, whatever the status is: the address or the channel is no good.
DEAD_HOOKS: Final = frozenset({
    "invalid_token", "no_active_hooks", "no_service", "no_service_id", "no_team", "team_disabled", "channel_not_found",
    "channel_is_archived", "action_prohibited", "posting_to_general_channel_denied",
})  # fmt: skip


class Slack:
    """The registry's entry."""

    label = "Slack"
    help_text = "A message in a channel: by an incoming webhook, or by a bot that keeps one message up to date."
    fields: tuple[Field, ...] = (
        Field(
            "url",
            "Incoming webhook address",
            "https://hooks.slack.com/services/… from the Slack app's page. Not needed with a bot token.",
            is_secret=True,
            is_required=False,
        ),
        Field(
            "bot_token",
            "Bot token",
            "xoxb-… with the scope chat:write; invite the bot to the channel.",
            is_secret=True,
            is_required=False,
        ),
        Field("channel", "Channel", "For a bot: the channel's id, such as C0123456789.", is_required=False),
        Field(
            "signing_secret",
            "Signing secret",
            "For buttons that acknowledge and resolve: from the app's Basic Information. Turn on Interactivity there "
            "with the address below.",
            is_secret=True,
            is_required=False,
        ),
    )

    def validate(self, config: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
        """A webhook, or a bot and its channel."""
        found = check_fields(self.fields, config, secrets)
        if not secrets.get("url") and not secrets.get("bot_token"):
            found.append("Incoming webhook address or Bot token is needed.")
        if secrets.get("bot_token") and not config.get("channel"):
            found.append("Channel is needed.")
        if secrets.get("bot_token") and not secrets["bot_token"].startswith("xoxb-"):
            found.append("Bot token: it begins with xoxb-.")
        return found

    def preview(self, alert: Alert, setup: Setup) -> str:
        """The message."""
        return seal(build_message(alert), own_texts(alert)).decode()

    def send(self, alert: Alert, setup: Setup) -> Sent:
        """By the bot when there is one."""
        message = build_message(alert, with_acts=bool(setup.secrets.get("signing_secret")))
        if setup.secrets.get("bot_token"):
            return by_bot(alert, message, setup)
        return Sent(by_webhook(seal(message, own_texts(alert)), setup))


def by_webhook(body: Sealed, setup: Setup) -> int:
    """POST the message. Slack answers 200 with another word than `ok` for some errors."""
    reply = http.post(setup.secrets.get("url", ""), body, {"content-type": "application/json"})
    word = reply.text.strip()
    if word in DEAD_HOOKS:
        raise DeliveryError(f"Slack says that nobody is there any more ({word})", disables=True, status=reply.status)
    status = check_reply(reply, GONE)
    if word != "ok":
        raise DeliveryError("Slack did not take the message", permanent=True, status=status)
    return status


def by_bot(alert: Alert, message: dict[str, Any], setup: Setup) -> Sent:
    """The first turn posts; later ones bring that message up to date and say in its thread what happened."""
    ts = setup.receipt.get("ts", "")
    if not ts:
        return post_anew(alert, message, setup)
    keep, place = own_texts(alert), {"channel": setup.receipt.get("channel", "")}
    if setup.receipt.get("updated") != alert.id:  # a try that was cut off in between does not update twice
        whole = build_message(alert, with_acts=bool(setup.secrets.get("signing_secret")), with_messages=True)
        try:
            call("chat.update", {**place, "ts": ts, **whole}, [*keep, ts], setup)
        except DeliveryError as error:
            if error.disables or not error.permanent:
                raise
            return post_anew(alert, message, setup)  # somebody has deleted it, or it is too old to change
    say = {**place, "thread_ts": ts, "text": escape(headline(alert)), "unfurl_links": False}
    try:
        call("chat.postMessage", say, [*keep, ts], setup)
    except DeliveryError as error:
        error.receipt = {"updated": alert.id}
        raise
    return Sent(200, {"updated": alert.id})


def post_anew(alert: Alert, message: dict[str, Any], setup: Setup) -> Sent:
    """A message of its own, to be brought up to date later."""
    found = call("chat.postMessage", {"channel": setup.config.get("channel", ""), **message}, own_texts(alert), setup)
    return Sent(200, {"channel": str(found.get("channel", "")), "ts": str(found.get("ts", ""))})


def call(method: str, payload: dict[str, Any], keep: list[str], setup: Setup) -> dict[str, Any]:
    """One call of Slack's API: it says in a 200 answer that something went wrong."""
    headers = {
        "content-type": "application/json; charset=utf-8",
        "authorization": f"Bearer {setup.secrets.get('bot_token', '')}",
    }
    reply = http.post(f"{API}{method}", seal(payload, [*keep, payload["channel"]]), headers)
    check_reply(reply)
    try:
        answer = orjson.loads(reply.text)
    except orjson.JSONDecodeError:
        # The first 4 KiB of a long answer, or an answer that was cut off: the message is there.
        return read_cut(reply.text)
    if not isinstance(answer, dict) or answer.get("ok") is not True:
        error = str(answer.get("error", ""))[:50] if isinstance(answer, dict) else ""
        word = error if error.replace("_", "").isalnum() else "unknown"
        raise DeliveryError(f"Slack did not take the message ({word})", permanent=word not in PASSING, status=200,
                            disables=word in DEAD)  # fmt: skip
    return answer


def read_cut(text: str) -> dict[str, Any]:
    """Channel and time of a message out of an answer that is longer than we read: Slack names them first."""
    if not re.match(r'\s*\{\s*"ok"\s*:\s*true\b', text):
        raise DeliveryError("Slack's answer cannot be read")
    found = {name: re.search(rf'"{name}"\s*:\s*"([A-Za-z0-9.]+)"', text) for name in ("channel", "ts")}
    return {name: match[1] for name, match in found.items() if match}
