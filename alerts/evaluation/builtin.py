"""The rules that each environment has from its first minute. They are ordinary rules: change or disable them in admin.

They need no history and stay silent at low traffic: baselines begin from what is usual for any series and have floors,
shares have floors, and what is seen for the first time needs no number.
"""

from typing import Any, Final

from alerts.models import AlertRule, Severity
from diagnostics.models import Environment

Signal = AlertRule.Signal
Condition = AlertRule.Condition

PLAIN: Final = 0.6  # the score from which a baseline rule tells people: some 3 false alarms in 1,000 days of a series
BUILTIN: Final[tuple[dict[str, Any], ...]] = (
    {
        "slug": "error-spike",
        "name": "Error spike",
        "signal": Signal.ERRORS,
        "condition": Condition.BASELINE,
        "threshold": PLAIN,
        "minimum_count": 10,
        "window_minutes": 3,
        "severity": Severity.ERROR,
    },
    {
        "slug": "5xx-share",
        "name": "5xx surge",
        "signal": Signal.STATUS_5XX,
        "condition": Condition.SHARE,
        "threshold": 0.05,
        "recover_threshold": 0.03,
        "minimum_count": 8,
        "minimum_sample": 20,
        "window_minutes": 3,
        "severity": Severity.CRITICAL,
    },
    {
        "slug": "timeout-surge",
        "name": "Timeout surge",
        "signal": Signal.TIMEOUTS,
        "condition": Condition.BASELINE,
        "threshold": PLAIN,
        "minimum_count": 8,
        "window_minutes": 3,
        "severity": Severity.ERROR,
    },
    {
        "slug": "slow-responses",
        "name": "Slow responses",
        "signal": Signal.LATENCY_P95,
        "condition": Condition.THRESHOLD,
        "threshold": 1500.0,
        "recover_threshold": 1000.0,
        "minimum_count": 25,
        "window_minutes": 3,
        "severity": Severity.WARNING,
    },
    {
        "slug": "traffic-drop",
        "name": "Traffic drop",
        "signal": Signal.REQUESTS,
        "condition": Condition.BASELINE,
        "threshold": PLAIN,
        "minimum_count": 0,
        "window_minutes": 5,
        "keep_firing_seconds": 300,
        "severity": Severity.ERROR,
    },
    {
        "slug": "new-error",
        "name": "New error",
        "signal": Signal.NEW_ERRORS,
        "condition": Condition.FIRST_SEEN,
        "keep_firing_seconds": 3600,
        "severity": Severity.WARNING,
    },
    {
        "slug": "regression",
        "name": "Error came back",
        "signal": Signal.REGRESSIONS,
        "condition": Condition.FIRST_SEEN,
        "keep_firing_seconds": 3600,
        "severity": Severity.WARNING,
    },
    {
        "slug": "crash",
        "name": "Crash",
        "signal": Signal.FATALS,
        "condition": Condition.THRESHOLD,
        "threshold": 1.0,
        "window_minutes": 5,
        "keep_firing_seconds": 600,
        "severity": Severity.CRITICAL,
    },
    {
        "slug": "check-in",
        "name": "Missed or failed check-in",
        "signal": Signal.CHECK_INS,
        "condition": Condition.MISSED,
        "keep_firing_seconds": 0,
        "severity": Severity.ERROR,
    },
)


def ensure_builtin_rules(environment: Environment) -> None:
    """Make the built-in rules that are missing; those that people changed stay as they are."""
    known = set(AlertRule.objects.filter(environment=environment).values_list("slug", flat=True))
    missing = [rule for rule in BUILTIN if rule["slug"] not in known]
    AlertRule.objects.bulk_create(
        [AlertRule(environment=environment, builtin=True, **rule) for rule in missing], ignore_conflicts=True
    )
