"""PagerDuty by Events API v2: trigger, acknowledge and resolve under a key of our own, and the deploy before as a change."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from alerts.delivery import http
from alerts.delivery.alert import Alert
from alerts.delivery.errors import DeliveryError
from alerts.delivery.seal import Sealed
from alerts.integrations.base import REFUSED, Field, Sent, Setup, check_fields, check_reply, chosen
from alerts.integrations.pagerduty.payload import build_change, build_event

REGION: Final = Field(
    "region",
    "Service region",
    "Where your account lives.",
    is_required=False,
    choices=(("us", "US"), ("eu", "EU")),
)
BASES: Final = {"us": "https://events.pagerduty.com", "eu": "https://events.eu.pagerduty.com"}
ACTIONS: Final = {"acknowledge": "acknowledge", "resolve": "resolve"}  # whatever else is told is a trigger


class PagerDuty:
    """The registry's entry."""

    label = "PagerDuty"
    help_text = "Opens, acknowledges and resolves an incident there; what is done there can come back."
    fields: tuple[Field, ...] = (
        Field(
            "routing_key",
            "Integration key",
            "32 characters, from the service's Integrations tab (Events API V2).",
            is_secret=True,
        ),
        REGION,
        Field(
            "webhook_secret",
            "Webhook secret",
            "To let acknowledge and resolve come back: the secret that PagerDuty shows when you add a webhook "
            "subscription (V3) to the address below.",
            is_secret=True,
            is_required=False,
        ),
    )

    def validate(self, config: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
        """The key has a shape."""
        found = check_fields(self.fields, config, secrets)
        key = secrets.get("routing_key")
        if key and not re.fullmatch(r"[A-Za-z0-9]{32}", key):
            found.append("Integration key: 32 letters and digits.")
        return found

    def preview(self, alert: Alert, setup: Setup) -> str:
        """The event, without the key."""
        return build_event(alert, "(integration key)", action_of(alert)).decode()

    def send(self, alert: Alert, setup: Setup) -> Sent:
        """One event; a test is opened and closed again, and the deploy before is told once."""
        key = setup.secrets.get("routing_key", "")
        status = self.post("/v2/enqueue", build_event(alert, key, action_of(alert)), setup)
        if alert.action == "test":
            return Sent(self.post("/v2/enqueue", build_event(alert, key, "resolve"), setup))
        if alert.deploy and not setup.receipt.get("change"):
            with suppress(DeliveryError):  # an extra: the page itself has gone out
                self.post("/v2/change/enqueue", build_change(alert, key), setup)
            return Sent(status, {"change": "told"})
        return Sent(status)

    def post(self, path: str, body: Sealed, setup: Setup) -> int:
        """400 is said of bad keys and of bad events; only the first ends the target."""
        reply = http.post(f"{BASES[chosen(REGION, setup)]}{path}", body, {"content-type": "application/json"})
        if reply.status == 400 and re.search(r"routing[_ ]key", reply.text, re.IGNORECASE):
            raise DeliveryError("PagerDuty does not know the integration key", disables=True, status=400)
        return check_reply(reply, REFUSED)


def action_of(alert: Alert) -> str:
    """In PagerDuty's words."""
    return ACTIONS.get(alert.action, "trigger")
