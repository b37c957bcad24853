"""Words that several integrations say alike."""

from typing import Final

from alerts.delivery.alert import Alert

STATES: Final = {
    "trigger": "Triggered", "update": "Update", "acknowledge": "Acknowledged", "resolve": "Resolved",
    "digest": "Several alerts", "test": "Test",
}  # fmt: skip


def describe_state(alert: Alert) -> str:
    """'Triggered'; a test says that it is one."""
    return STATES[alert.action]
