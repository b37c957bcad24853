"""The admin of rules, targets and silences; incidents and notifications to look up."""

from alerts.admin import incidents, rules, silences, targets

__all__ = ["incidents", "rules", "silences", "targets"]
