"""Opsgenie and its successor, Jira Service Management: one API under different addresses. What it answers with is a
receipt, not the outcome: the request is asked after, once, because a create that fails later would look like success."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

import orjson

from alerts.delivery import http
from alerts.delivery.alert import Alert
from alerts.delivery.errors import DeliveryError
from alerts.delivery.retry import is_retried
from alerts.delivery.seal import Sealed, own_texts, seal
from alerts.integrations.base import REFUSED, Field, Sent, Setup, check_fields, check_reply, chosen
from alerts.integrations.opsgenie.payload import SOURCE, alias_of, build_alert, build_note, priority_of

OPSGENIE: Final = {"us": "https://api.opsgenie.com/v2/alerts", "eu": "https://api.eu.opsgenie.com/v2/alerts"}
JSM: Final = {"cloud": "https://api.atlassian.com/jsm/ops/integration/v2/alerts"}
POLL_SECONDS: Final = 5.0
ACTS: Final = {"acknowledge": "acknowledge", "resolve": "close"}


class Opsgenie:
    """The registry's entry, for each of the products that speak this API."""

    def __init__(self, label: str, help_text: str, bases: Mapping[str, str]) -> None:
        self.label = label
        self.help_text = help_text
        self.bases = bases
        self.region = Field(
            "region",
            "Service region",
            "Where your account lives.",
            is_required=False,
            choices=tuple((name, name.upper()) for name in bases),
        )
        self.fields: tuple[Field, ...] = (
            Field("api_key", "API key", "Of an API integration that may create and change alerts.", is_secret=True),
            *([self.region] if len(bases) > 1 else []),
            Field(
                "webhook_token",
                "Webhook token",
                "To let acknowledge and close come back: 24 or more characters of your own. Add a webhook "
                "integration there that calls the address below with the header Authorization: Bearer <token>.",
                is_secret=True,
                is_required=False,
            ),
        )

    def validate(self, config: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
        """What is there must be long enough to be a secret."""
        found = check_fields(self.fields, config, secrets)
        if secrets.get("webhook_token") and len(secrets["webhook_token"]) < 24:
            found.append("Webhook token: 24 characters or more.")
        return found

    def preview(self, alert: Alert, setup: Setup) -> str:
        """The body."""
        return build_body(alert).decode()

    def send(self, alert: Alert, setup: Setup) -> Sent:
        """Create, acknowledge or close by alias; a test is created and closed."""
        if alert.action not in ACTS and setup.receipt.get("request"):
            self.check_request(setup, setup.receipt["request"])
        reply = self.post(address_of(alert.action, alert), build_body(alert), setup)
        status = check_reply(reply, REFUSED)
        request = request_of(reply.text)
        if alert.action == "test":
            closing = seal(build_note(alert), own_texts(alert))
            status = check_reply(self.post(address_of("resolve", alert), closing, setup), REFUSED)
        if request:
            self.check_request(setup, request)
        if alert.action == "update":
            self.raise_priority(alert, setup)
        return Sent(status)

    def post(self, path: str, body: Sealed, setup: Setup) -> http.Reply:
        """To the product's address."""
        return http.post(f"{self.base(setup)}{path}", body, {"content-type": "application/json", **key_of(setup)})

    def raise_priority(self, alert: Alert, setup: Setup) -> None:
        """Another create for an open alert is only counted there: its priority has to be set. Refused, the news are told."""
        body = seal({"priority": priority_of(alert), "source": SOURCE}, own_texts(alert))
        address = f"{self.base(setup)}/{quote(alias_of(alert), safe='')}/priority?identifierType=alias"
        reply = http.ask("PUT", address, body, {"content-type": "application/json", **key_of(setup)})
        if is_retried(reply.status):
            check_reply(reply)

    def base(self, setup: Setup) -> str:
        """Of the region."""
        return self.bases[chosen(self.region, setup)]

    def check_request(self, setup: Setup, request: str) -> None:
        """Whether the service could do what it took; while it has not got to it, nothing is said."""
        reply = None
        with suppress(DeliveryError):  # it has been taken: not being told more is no failure
            url = f"{self.base(setup)}/requests/{quote(request, safe='')}"
            reply = http.get(url, key_of(setup), deadline=POLL_SECONDS)
        if reply is not None and reply.status == 200 and has_failed(reply.text):
            raise DeliveryError("the service took the alert and could not process it", permanent=True, status=202)


def build_body(alert: Alert) -> Sealed:
    """Of a create, or of a change."""
    payload = build_note(alert) if alert.action in ACTS else build_alert(alert)
    return seal(payload, [*own_texts(alert), alias_of(alert)])


def address_of(action: str, alert: Alert) -> str:
    """A change names its alert by alias; the service would take an alias for an id otherwise."""
    if action not in ACTS:
        return ""
    return f"/{quote(alias_of(alert), safe='')}/{ACTS[action]}?identifierType=alias"


def key_of(setup: Setup) -> dict[str, str]:
    """The header that opens the API."""
    return {"authorization": f"GenieKey {setup.secrets.get('api_key', '')}"}


def request_of(text: str) -> str:
    """The id under which the outcome can be asked after."""
    return str(read_object(text).get("requestId", ""))[:100]


def has_failed(text: str) -> bool:
    """Whether the request was processed and failed. A close for an alert that is gone already is no failure of ours."""
    data = read_object(text).get("data")
    if not isinstance(data, dict) or data.get("isSuccess") is not False or data.get("processedAt") is None:
        return False
    return "does not exist" not in str(data.get("status", "")).lower()


def read_object(text: str) -> dict[str, Any]:
    """A JSON object; an empty one for anything else."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
