"""Microsoft Teams by a Workflows webhook. 202 means that the flow was started: whether the card was posted stands in the
flow's run history alone, which is why the docs ask for a test that somebody sees."""

from collections.abc import Mapping
from typing import Any, Final

from alerts.delivery import http
from alerts.delivery.alert import Alert
from alerts.delivery.seal import Sealed, own_texts, seal
from alerts.integrations.base import REFUSED, Field, Sent, Setup, check_fields, check_reply, chosen
from alerts.integrations.teams.card import CONTENT_TYPE, build_card, envelope

NOTE: Final = "handed over to the workflow; whether it posted the card stands in its run history"
SHAPE: Final = Field(
    "shape",
    "Shape",
    "Message: for flows made from Microsoft's template. Card: for flows of your own that post the body as it is.",
    is_required=False,
    choices=(("message", "Message with the card in it"), ("card", "The card alone")),
)


class Teams:
    """The registry's entry."""

    label = "Microsoft Teams"
    help_text = "A card in a channel, by a Workflows webhook (the old connectors are gone)."
    fields: tuple[Field, ...] = (
        Field(
            "url",
            "Workflow address",
            "From the workflow 'Post to a channel when a webhook request is received'. Its sig is a secret.",
            is_secret=True,
        ),
        SHAPE,
    )

    def validate(self, config: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
        """Connectors of the old kind are told apart."""
        found = check_fields(self.fields, config, secrets)
        if ".webhook.office.com" in secrets.get("url", ""):
            found.append("Workflow address: connectors have been retired; make a workflow in Teams.")
        return found

    def preview(self, alert: Alert, setup: Setup) -> str:
        """The body."""
        return build_body(alert, setup).decode()

    def send(self, alert: Alert, setup: Setup) -> Sent:
        """Hand the card over."""
        headers = {"content-type": "application/json"}
        reply = http.post(setup.secrets.get("url", ""), build_body(alert, setup), headers)
        return Sent(check_reply(reply, REFUSED), note=NOTE)


def build_body(alert: Alert, setup: Setup) -> Sealed:
    """In the shape that the flow takes."""
    card = build_card(alert)
    payload: dict[str, Any] = card if chosen(SHAPE, setup) == "card" else envelope(card)
    return seal(payload, [*own_texts(alert), card["$schema"], CONTENT_TYPE])
