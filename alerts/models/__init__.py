"""What alerts stores."""

from alerts.models.backtest import Backtest
from alerts.models.evaluation import BaselineState, EvaluationMark, LateMinute, MatchCount
from alerts.models.history import Evidence, IncidentEvent
from alerts.models.inbox import InboxMessage
from alerts.models.incident import Incident
from alerts.models.monitor import CheckIn, Monitor, Outcome
from alerts.models.notification import Bucket, DeliveryAttempt, Fired, Notification
from alerts.models.receipt import Handled, Receipt
from alerts.models.rule import RANKS, AlertRule, RuleState, Severity
from alerts.models.silence import Silence
from alerts.models.suggestion import Suggestion, SuggestionScan
from alerts.models.target import Target

__all__ = [
    "RANKS", "AlertRule", "Backtest", "BaselineState", "Bucket", "CheckIn", "DeliveryAttempt", "EvaluationMark", "Evidence",
    "Fired", "Handled", "InboxMessage", "Incident", "IncidentEvent", "LateMinute", "MatchCount", "Monitor", "Notification",
    "Outcome", "Receipt", "RuleState", "Severity", "Silence", "Suggestion", "SuggestionScan", "Target",
]  # fmt: skip
