"""What django-q2 runs for alerts. Arguments are ids or nothing."""

import logging
from collections.abc import Callable
from datetime import datetime

from alerts.backtest.jobs import sweep_backtests, work_on
from alerts.delivery.ledger import ring
from alerts.delivery.reconcile import reconcile
from alerts.delivery.run import deliver_due, is_due
from alerts.evaluation.apply import forget_states
from alerts.evaluation.baseline_store import forget_baselines
from alerts.evaluation.bell import evaluate_or_wait
from alerts.evaluation.mark import forget_notes
from alerts.evaluation.run import evaluate_environment
from alerts.incidents.sweep import sweep_incidents
from alerts.silences import sweep_silences
from alerts.suggestions.scan import ask_everywhere, look, sweep_scans
from alerts.watch.dead_man import ping_dead_man
from alerts.watch.run import watch
from diagnostics.core import clock
from diagnostics.models import Environment

logger = logging.getLogger(__name__)


def evaluate_task(environment_id: int) -> None:
    """A digest brought new sums; what waits for another try goes out at the pace of the traffic, too."""
    evaluate_or_wait(environment_id)
    if is_due():
        ring()


def deliver_task() -> None:
    """Notifications were planned."""
    deliver_due()


def sweep() -> None:
    """Each minute: what resolves without new records, what happens by the clock, and what no bell announced.

    One part's fault must not keep the others from being done; the dead man's ping is sent only when all went well.
    """
    done = [evaluate_safely(pk) for pk in Environment.objects.values_list("pk", flat=True)]
    done += [run_safely(step) for step in (sweep_incidents, sweep_silences, reconcile, watch)]
    done += [run_safely(step) for step in (deliver, forget_notes, forget_states, forget_baselines)]
    done += [run_safely(step) for step in (lambda now: sweep_backtests(), lambda now: sweep_scans())]
    if all(done):
        run_safely(ping_dead_man)


def deliver(now: datetime) -> None:
    """What is due."""
    deliver_due()


def backtest_task(backtest_id: str) -> None:
    """A slice of a trial."""
    work_on(backtest_id)


def suggest() -> None:
    """Each day: what the last week says about rules."""
    ask_everywhere()


def suggest_task(environment_id: int) -> None:
    """A slice of the look at an environment."""
    look(environment_id)


def evaluate_safely(environment_id: int) -> bool:
    """Whether it could be evaluated; one environment's fault must not keep the others from being told."""
    try:
        evaluate_environment(environment_id)
    except Exception:
        logger.exception("environment %d cannot be evaluated", environment_id)
        return False
    return True


def run_safely(step: Callable[[datetime], object]) -> bool:
    """Whether it went well; what did not is in the log."""
    try:
        step(clock.now())
    except Exception:
        logger.exception("a part of the sweep failed: %s", getattr(step, "__name__", step))
        return False
    return True
