"""What an incident's charts show of its rule's signal."""

import pytest

from alerts.incidents.shown import signal_in
from alerts.models import AlertRule
from diagnostics.search.golden import Sums

Signal, Condition = AlertRule.Signal, AlertRule.Condition


def rule(signal, condition=Condition.THRESHOLD):
    return AlertRule(signal=signal, condition=condition)


@pytest.fixture
def sums():
    found = Sums()
    found.counts.update(errors=4, warnings=3, requests=20, status_5xx=5)
    return found


@pytest.mark.parametrize(
    ("shown", "value"),
    [
        (rule(Signal.ERRORS), 4),
        (rule(Signal.WARNINGS), 7),
        (rule(Signal.NEW_ERRORS, Condition.FIRST_SEEN), 4),
        (rule(Signal.STATUS_5XX, Condition.SHARE), 0.25),
        (rule(Signal.LATENCY_P95), None),
    ],
    ids=str,
)
def test_a_step_shows_the_rules_signal(sums, shown, value):
    assert signal_in(shown, sums) == value


def test_a_share_of_nothing_is_not_known(sums):
    sums.counts["requests"] = 0
    assert signal_in(rule(Signal.STATUS_5XX, Condition.SHARE), sums) is None
