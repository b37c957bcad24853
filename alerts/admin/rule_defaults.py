"""What a new rule begins with, by its signal: values that are seldom wrong. The form offers them, nothing more."""

from typing import Any, Final

from alerts.models import AlertRule, Severity
from alerts.models.sense import LATENCIES

Condition = AlertRule.Condition
Signal = AlertRule.Signal

BEGINNINGS: Final[dict[str, dict[str, Any]]] = {
    Signal.ERRORS: {"condition": Condition.BASELINE, "threshold": 0.6, "minimum_count": 15},
    Signal.FATALS: {"condition": Condition.THRESHOLD, "threshold": 1, "severity": Severity.CRITICAL},
    Signal.RECORDS: {"condition": Condition.BASELINE, "threshold": 0.6, "minimum_count": 100, "severity": Severity.WARNING},
    Signal.WARNINGS: {"condition": Condition.BASELINE, "threshold": 0.6, "minimum_count": 50, "severity": Severity.WARNING},
    Signal.TEMPLATE_RECORDS: {
        "condition": Condition.BASELINE, "threshold": 0.6, "minimum_count": 20, "severity": Severity.WARNING,
    },
    Signal.MATCHES: {"condition": Condition.THRESHOLD, "threshold": 1},
    Signal.FAILURES: {
        "condition": Condition.SHARE, "threshold": 0.05, "recover_threshold": 0.03, "minimum_count": 8, "minimum_sample": 20,
    },
    Signal.TIMEOUTS: {
        "condition": Condition.SHARE, "threshold": 0.03, "recover_threshold": 0.02, "minimum_count": 5, "minimum_sample": 20,
    },
    Signal.STATUS_5XX: {
        "condition": Condition.SHARE, "threshold": 0.05, "recover_threshold": 0.03, "minimum_count": 8, "minimum_sample": 20,
        "severity": Severity.CRITICAL,
    },
    Signal.STATUS_4XX: {
        "condition": Condition.SHARE, "threshold": 0.3, "recover_threshold": 0.2, "minimum_count": 30, "minimum_sample": 100,
        "severity": Severity.WARNING,
    },
    Signal.REQUESTS: {"condition": Condition.ABSENCE, "window_minutes": 10, "severity": Severity.CRITICAL},
    Signal.LATENCY_P50: {
        "condition": Condition.CHANGE, "threshold": 3, "recover_threshold": 2, "minimum_count": 25,
        "severity": Severity.WARNING,
    },
    Signal.LATENCY_P95: {
        "condition": Condition.THRESHOLD, "threshold": 1500, "recover_threshold": 1000, "minimum_count": 25,
        "severity": Severity.WARNING,
    },
    Signal.LATENCY_P99: {
        "condition": Condition.THRESHOLD, "threshold": 3000, "recover_threshold": 2000, "minimum_count": 50,
        "severity": Severity.WARNING,
    },
    Signal.NEW_ERRORS: {"condition": Condition.FIRST_SEEN, "window_minutes": 10, "severity": Severity.WARNING},
    Signal.REGRESSIONS: {"condition": Condition.FIRST_SEEN, "window_minutes": 10, "severity": Severity.WARNING},
    Signal.CHECK_INS: {"condition": Condition.MISSED, "severity": Severity.ERROR},
    Signal.NEW_TEMPLATES: {"condition": Condition.FIRST_SEEN, "window_minutes": 60, "severity": Severity.INFO},
}  # fmt: skip
# Limits where another condition is chosen than the one that the signal begins with.
OFFERS: Final[dict[str, dict[str, Any]]] = {
    Condition.THRESHOLD: {"threshold": 10, "recover_threshold": None, "minimum_count": 1},
    Condition.BELOW: {"threshold": 1, "recover_threshold": None},
    Condition.SHARE: {"threshold": 0.05, "recover_threshold": 0.03, "minimum_count": 8, "minimum_sample": 20},
    Condition.CHANGE: {"threshold": 3, "recover_threshold": 2, "minimum_count": 15},
    Condition.BASELINE: {"threshold": 0.6, "recover_threshold": None, "minimum_count": 15},
}
CHOSEN: Final = (
    "condition", "threshold", "recover_threshold", "minimum_count", "minimum_sample", "window_minutes", "severity",
)  # fmt: skip


def beginning_of(signal: str) -> dict[str, Any]:
    """All fields that a signal has a say in; those that it does not name are the model's own."""
    plain = {name: getattr(AlertRule(), name) for name in CHOSEN}
    return {**plain, **BEGINNINGS.get(signal, {}), "signal": signal}


def offer_of(signal: str, condition: str) -> dict[str, Any]:
    """The limits of a condition that a person chooses for the signal."""
    begun = BEGINNINGS.get(signal, {})
    if begun.get("condition") == condition:
        found = {name: begun.get(name, getattr(AlertRule(), name)) for name in OFFERS.get(condition, {})}
    elif signal in LATENCIES and condition == Condition.THRESHOLD:
        found = {"threshold": 1500, "recover_threshold": 1000, "minimum_count": 25}
    else:
        found = OFFERS.get(condition, {})
    return {**found, "condition": condition}
