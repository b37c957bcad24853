"""The inbox in the product: every environment has it from the start, and it needs nobody's network."""

from collections.abc import Mapping

from alerts.delivery.alert import Alert
from alerts.delivery.seal import own_texts, seal_text
from alerts.integrations.base import Field, Sent, Setup
from alerts.integrations.text import headline
from alerts.models import InboxMessage


class Inbox:
    """The registry's entry."""

    label = "Inbox (in the product)"
    help_text = "A message in the product for all who may see incidents there; browsers can be told, too."
    fields: tuple[Field, ...] = ()

    def validate(self, config: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
        """Nothing to configure."""
        return []

    def preview(self, alert: Alert, setup: Setup) -> str:
        """Title and text."""
        return "\n\n".join(write_message(alert))

    def send(self, alert: Alert, setup: Setup) -> Sent:
        """Write the message, once for a notification however often it is tried."""
        InboxMessage.write(alert.id, *write_message(alert))
        return Sent()


def write_message(alert: Alert) -> tuple[str, str]:
    """Title and text: what is new, and how it stands."""
    keep = own_texts(alert)
    return seal_text(headline(alert), keep), seal_text(f"{alert.news} {alert.summary}".strip(), keep)
