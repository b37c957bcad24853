"""Signed webhooks to receivers of one's own: our own shape, Alertmanager's, or a template's."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import orjson

from alerts.delivery import http
from alerts.delivery.alert import Alert
from alerts.delivery.errors import DeliveryError
from alerts.delivery.seal import Sealed, own_texts, seal
from alerts.integrations.alertmanager.payload import webhook_v4
from alerts.integrations.base import Field, Sent, Setup, check_fields, check_reply, chosen
from alerts.integrations.template import check_template, fill, inside_json, variables_of
from alerts.integrations.webhook.signature import check_keys, new_key, sign_headers
from diagnostics.core import clock

EVENT_TYPES: Final = {
    "trigger": "incident.triggered", "update": "incident.updated", "acknowledge": "incident.acknowledged",
    "resolve": "incident.resolved", "digest": "incident.digest", "test": "incident.test",
}  # fmt: skip
NOT_SENT: Final = ("trend", "members", "target_link")
FORMAT: Final = Field(
    "format",
    "Format of the body",
    "Standard: the fields of docs/alerting.md. Alertmanager: its webhook format, version 4. Template: the one below.",
    is_required=False,
    choices=(("standard", "Standard"), ("alertmanager", "Alertmanager v4"), ("template", "Template")),
)


class Webhook:
    """The registry's entry."""

    label = "Webhook (signed)"
    help_text = "POST with a JSON body to a receiver of your own, signed as Standard Webhooks asks."
    fields: tuple[Field, ...] = (
        Field("url", "Address", "https://… It is called with POST and a JSON body.", is_secret=True),
        Field(
            "signing_key",
            "Signing key",
            "whsec_ and 24 to 64 random bytes in base64. Two keys with a blank between them both sign (rotation).",
            is_secret=True,
            maker=new_key,
        ),
        FORMAT,
        Field(
            "template",
            "Template",
            'Only for the format Template: JSON such as {"text": "{{ headline }}"}. Values are escaped for JSON.',
            is_required=False,
            is_long=True,
        ),
    )

    def validate(self, config: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
        """The key must decode; the address is checked when it is used, by the same rule as when sending."""
        found = check_fields(self.fields, config, secrets)
        if secrets.get("signing_key"):
            found += check_keys(secrets["signing_key"])
        if config.get("format") == "template":
            found += check_json_template(config.get("template", ""))
        return found

    def preview(self, alert: Alert, setup: Setup) -> str:
        """The body."""
        return build_body(alert, setup).decode()

    def send(self, alert: Alert, setup: Setup) -> Sent:
        """POST the alert. Only 410 is an end."""
        body = build_body(alert, setup)
        signed = sign_headers(setup.secrets.get("signing_key", ""), alert.id, body)
        reply = http.post(setup.secrets.get("url", ""), body, {"content-type": "application/json", **signed})
        return Sent(check_reply(reply, is_own=True))


def build_body(alert: Alert, setup: Setup) -> Sealed:
    """In the format that the target wants."""
    kind = chosen(FORMAT, setup)
    if kind == "alertmanager":
        return seal(webhook_v4(alert), own_texts(alert))
    if kind == "template":
        return fill_json(setup.config.get("template", ""), alert)
    now = clock.now().isoformat()
    payload: dict[str, Any] = {"type": event_type(alert), "timestamp": now, "data": public_fields(alert)}
    return seal(payload, [now, payload["type"], *own_texts(alert)])


def event_type(alert: Alert) -> str:
    """'incident.triggered'."""
    return EVENT_TYPES[alert.action]


def public_fields(alert: Alert) -> dict[str, Any]:
    """The alert as JSON has it."""
    return {name: value for name, value in asdict(alert).items() if name not in NOT_SENT}


def fill_json(template: str, alert: Alert) -> Sealed:
    """A JSON template; its result is read again, so that what is sent is JSON whatever was typed."""
    try:
        filled = orjson.loads(fill(template, variables_of(alert), inside_json))
    except orjson.JSONDecodeError:
        raise DeliveryError("the template does not give JSON", permanent=True) from None
    return seal(filled, own_texts(alert))


def check_json_template(template: str) -> list[str]:
    """Known names, and JSON whatever the values are."""
    if not template:
        return ["Template is needed."]
    found = check_template(template, "Template")
    if not found:
        try:
            orjson.loads(fill(template, {}, inside_json))
        except orjson.JSONDecodeError:
            found = ["Template: it must be JSON; put each {{ name }} between quotes."]
    return found
