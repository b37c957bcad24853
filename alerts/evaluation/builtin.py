"""The rules that each environment has from its first minute. They are ordinary rules: change or disable them in admin."""

from typing import Any, Final

from alerts.models import AlertRule, Severity
from diagnostics.models import Environment

BUILTIN: Final[tuple[dict[str, Any], ...]] = (
    {
        "slug": "error-spike",
        "name": "Error spike",
        "signal": AlertRule.Signal.ERRORS,
        "condition": AlertRule.Condition.CHANGE,
        "threshold": 4.0,
        "recover_threshold": 2.0,
        "minimum_count": 15,
        "window_minutes": 3,
        "severity": Severity.ERROR,
    },
    {
        "slug": "5xx-share",
        "name": "5xx surge",
        "signal": AlertRule.Signal.STATUS_5XX,
        "condition": AlertRule.Condition.SHARE,
        "threshold": 0.05,
        "recover_threshold": 0.03,
        "minimum_count": 8,
        "minimum_sample": 20,
        "window_minutes": 3,
        "severity": Severity.CRITICAL,
    },
    {
        "slug": "slow-responses",
        "name": "Slow responses",
        "signal": AlertRule.Signal.LATENCY_P95,
        "condition": AlertRule.Condition.THRESHOLD,
        "threshold": 1500.0,
        "recover_threshold": 1000.0,
        "minimum_count": 25,
        "window_minutes": 3,
        "severity": Severity.WARNING,
    },
)


def ensure_builtin_rules(environment: Environment) -> None:
    """Make the built-in rules that are missing; those that people changed stay as they are."""
    for rule in BUILTIN:
        values = {name: value for name, value in rule.items() if name != "slug"}
        AlertRule.objects.get_or_create(
            environment=environment, slug=rule["slug"], defaults={**values, "builtin": True}
        )
