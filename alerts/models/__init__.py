"""What alerts stores."""

from alerts.models.backtest import Backtest
from alerts.models.evaluation import BaselineState, EvaluationMark, LateMinute, MatchCount
from alerts.models.incident import Incident, IncidentEvent
from alerts.models.notification import DeliveryAttempt, InboxMessage, Notification
from alerts.models.receipt import Handled, Receipt
from alerts.models.rule import AlertRule, RuleState, Severity
from alerts.models.silence import Silence
from alerts.models.target import Target

__all__ = [
    "AlertRule", "Backtest", "BaselineState", "DeliveryAttempt", "EvaluationMark", "Handled", "InboxMessage", "Incident",
    "IncidentEvent", "LateMinute", "MatchCount", "Notification", "Receipt", "RuleState", "Severity", "Silence", "Target",
]  # fmt: skip
