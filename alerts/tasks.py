"""What django-q2 runs for alerts. Arguments are ids or nothing."""

import logging

from alerts.backtest.jobs import sweep_backtests, work_on
from alerts.delivery.plan import ring
from alerts.delivery.run import deliver_due, is_due
from alerts.evaluation.apply import forget_states
from alerts.evaluation.baseline_store import forget_baselines
from alerts.evaluation.mark import forget_notes
from alerts.evaluation.run import evaluate_environment
from diagnostics.core import clock
from diagnostics.models import Environment

logger = logging.getLogger(__name__)


def evaluate_task(environment_id: int) -> None:
    """A digest brought new sums; what waits for another try goes out at the pace of the traffic, too."""
    evaluate_environment(environment_id)
    if is_due():
        ring()


def deliver_task() -> None:
    """Notifications were planned."""
    deliver_due()


def sweep() -> None:
    """Each minute: what resolves without new records, and what no bell announced."""
    for environment_id in Environment.objects.values_list("pk", flat=True):
        try:
            evaluate_environment(environment_id)
        except Exception:  # one environment's fault must not keep the others from being told
            logger.exception("environment %d cannot be evaluated", environment_id)
    now = clock.now()
    forget_notes(now)
    forget_states(now)
    forget_baselines(now)
    deliver_due()
    sweep_backtests()


def backtest_task(backtest_id: str) -> None:
    """A slice of a trial."""
    work_on(backtest_id)
