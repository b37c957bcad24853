"""What alerts stores."""

from alerts.models.evaluation import BaselineState, EvaluationMark, LateMinute, MatchCount
from alerts.models.incident import Incident, IncidentEvent
from alerts.models.notification import DeliveryAttempt, InboxMessage, Notification
from alerts.models.rule import AlertRule, RuleState, Severity
from alerts.models.silence import Silence
from alerts.models.target import Target

__all__ = [
    "AlertRule", "BaselineState", "DeliveryAttempt", "EvaluationMark", "InboxMessage", "Incident", "IncidentEvent", "LateMinute",
    "MatchCount", "Notification", "RuleState", "Severity", "Silence", "Target",
]  # fmt: skip
