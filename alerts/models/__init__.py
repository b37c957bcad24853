"""What alerts stores."""

from alerts.models.incident import Incident, IncidentEvent
from alerts.models.notification import DeliveryAttempt, InboxMessage, Notification
from alerts.models.rule import AlertRule, RuleState, Severity
from alerts.models.silence import Silence
from alerts.models.target import Target

__all__ = [
    "AlertRule", "DeliveryAttempt", "InboxMessage", "Incident", "IncidentEvent", "Notification", "RuleState", "Severity",
    "Silence", "Target",
]  # fmt: skip
