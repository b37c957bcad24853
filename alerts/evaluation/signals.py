"""What each signal is made of. Pure: the same for live evaluation, backtest and charts."""

from typing import Final

from alerts.models import AlertRule

Signal = AlertRule.Signal

OF_MATCHES: Final = Signal.MATCHES.value
QUANTILES: Final = {Signal.LATENCY_P50.value: 0.5, Signal.LATENCY_P95.value: 0.95, Signal.LATENCY_P99.value: 0.99}
# Signals that count requests: taken from spans where a service sends them, else from records.
OF_REQUESTS: Final = frozenset({"requests", "failures", "timeouts", "status_4xx", "status_5xx"})
# What a share is taken of.
BASES: Final = {
    **dict.fromkeys(("errors", "fatals", "warnings", "records", "matches"), "records"),
    **dict.fromkeys(("failures", "timeouts", "status_4xx", "status_5xx", "requests"), "requests"),
}


def base_of(signal: str) -> str:
    """The signal that a share of this one is taken of."""
    return BASES.get(signal, "requests")


def column_of(rule: AlertRule) -> str:
    """The name that a rule's signal has among the sums: matches are counted for each rule by itself."""
    return matches_column(rule.pk) if rule.signal == OF_MATCHES else rule.signal


def matches_column(rule_id: int) -> str:
    """Matches of one rule."""
    return f"matches:{rule_id}"
