"""The admin of rules, monitors, targets and silences; incidents and notifications to look up."""

from alerts.admin import incidents, monitors, rules, silences, targets

__all__ = ["incidents", "monitors", "rules", "silences", "targets"]
