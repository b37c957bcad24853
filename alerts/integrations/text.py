"""Words that several integrations say alike."""

from typing import Final

from alerts.delivery.alert import Alert

STATES: Final = {"trigger": "Triggered", "acknowledge": "Acknowledged", "resolve": "Resolved", "test": "Test"}


def describe_state(alert: Alert) -> str:
    """'Triggered'; a test says that it is one."""
    return STATES[alert.action]
