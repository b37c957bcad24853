"""The inbox in the product: every environment has it from the start, and it needs nobody's network."""

from collections.abc import Mapping
from typing import Any

from alerts.delivery.alert import Alert
from alerts.integrations.base import Field
from alerts.integrations.text import describe_state
from alerts.models import InboxMessage


class Inbox:
    """The registry's entry."""

    label = "Inbox (in the product)"
    fields: tuple[Field, ...] = ()

    def validate(self, config: Mapping[str, Any], secrets: Mapping[str, str]) -> list[str]:
        """Nothing to configure."""
        return []

    def send(self, alert: Alert, config: Mapping[str, Any], secrets: Mapping[str, str]) -> int | None:
        """Write the message, once for a notification however often it is tried."""
        InboxMessage.write(alert.id, f"{describe_state(alert)}: {alert.title}", alert.summary)
        return None
