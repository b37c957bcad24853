"""The daily look at each environment, as work of the queue: slices of some seconds, the row says where it stands.

The queue is the bell; a lost or doubled task changes nothing, and the minute's sweep takes up what was left lying.
"""

import logging
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django_q.tasks import async_task

from alerts.backtest.jobs import UNFINISHED
from alerts.models import AlertRule, Backtest, SuggestionScan
from alerts.suggestions.found import Found
from alerts.suggestions.heartbeats import propose_heartbeat
from alerts.suggestions.keep import end_look, keep_found
from alerts.suggestions.mutes import propose_mute
from alerts.suggestions.noise import noisiest_rules
from alerts.suggestions.retunes import LEAST, propose_retune, request_trials
from alerts.suggestions.services import has_a_week, services_with_history
from alerts.suggestions.thresholds import propose_thresholds
from alerts.suggestions.week import read_week
from diagnostics.core import clock
from diagnostics.leases import is_free, take_lease
from diagnostics.models import Environment

logger = logging.getLogger(__name__)

SLICE_SECONDS: Final = 8.0  # of one task, and the service that is under way
LEASE: Final = timedelta(minutes=3)  # longer than the queue's own time limit
AGAIN: Final = timedelta(minutes=10)  # between two looks that people ask for
PATIENCE: Final = timedelta(hours=6)  # with trials that do not end
NOISY_RULES: Final = 5


def ask_everywhere() -> None:
    """Once a day."""
    for environment_id in Environment.objects.values_list("pk", flat=True):
        ask_look(environment_id)


def ask_look(environment_id: int) -> bool:
    """Begin a look, unless one is under way or was just finished; whether one is under way now."""
    now = clock.now()
    scan, is_new = SuggestionScan.objects.get_or_create(environment_id=environment_id, defaults={"started_at": now})
    if not is_new and scan.finished_at is not None:
        done = SuggestionScan.objects.filter(pk=environment_id, finished_at__lt=now - AGAIN)
        is_new = bool(done.update(started_at=now, finished_at=None, leased_until=None, work={}))
    if is_new:
        ring(environment_id)
    return is_new or scan.finished_at is None


def ring(environment_id: int) -> None:
    """Tell a worker."""
    async_task("alerts.tasks.suggest_task", environment_id)


def sweep_scans() -> None:
    """What no bell announced goes on."""
    late = SuggestionScan.objects.filter(is_free(), finished_at=None, started_at__lt=clock.now() - timedelta(minutes=1))
    for environment_id in late.values_list("pk", flat=True)[:5]:
        ring(environment_id)


def look(environment_id: int, seconds: float = SLICE_SECONDS) -> None:
    """One slice; rings for the next where there is more to do now."""
    scan = claim(environment_id)
    if scan is None:
        return
    try:
        advance(scan, seconds)
    except Exception:  # tomorrow is another day; what was found so far stays
        logger.exception("environment %d cannot be looked at for suggestions", environment_id)
        scan.finished_at, scan.work = clock.now(), {}
    scan.leased_until = None
    scan.save(update_fields=["finished_at", "leased_until", "work"])
    if scan.finished_at is None and scan.work.get("services"):
        ring(environment_id)


def claim(environment_id: int) -> SuggestionScan | None:
    """Take the lease."""
    if not take_lease(SuggestionScan.objects.filter(pk=environment_id, finished_at=None), LEASE):
        return None
    return SuggestionScan.objects.select_related("environment").get(pk=environment_id)


def advance(scan: SuggestionScan, seconds: float) -> None:
    """First the noise, then service by service; at the end the trials that were asked for."""
    if not scan.work:
        begin(scan)
    rules = enabled_rules(scan.environment)
    deadline = time.monotonic() + seconds
    while scan.work["services"] and time.monotonic() < deadline:
        service_name = scan.work["services"].pop(0)
        scan.save(update_fields=["work"])  # one that ends the worker is not tried again today
        keep_found(scan.environment, look_safely(scan.environment, service_name, rules), clock.now())
    if not scan.work["services"] and collect_trials(scan):
        end_look(scan.environment, scan.started_at, clock.now())
        scan.finished_at, scan.work = clock.now(), {}


def begin(scan: SuggestionScan) -> None:
    """What can be told from incidents alone; what is to be done. Less than a week is no history to try limits on."""
    noises = noisiest_rules(scan.environment, LEAST, NOISY_RULES, clock.now())
    mute = propose_mute(noises)
    keep_found(scan.environment, [mute] if mute else [], clock.now())
    scan.work = {"services": [], "trials": []}
    if has_a_week(scan.environment):
        scan.work = {"services": services_with_history(scan.environment), "trials": request_trials(noises)}


def look_safely(environment: Environment, service_name: str, rules: list[AlertRule]) -> list[Found]:
    """One service's fault must not keep the others from being looked at."""
    try:
        return look_at_service(environment, service_name, rules)
    except Exception:
        logger.exception("a service of environment %d cannot be looked at for suggestions", environment.pk)
        return []


def look_at_service(environment: Environment, service_name: str, rules: list[AlertRule]) -> list[Found]:
    """Everything about one service; its week is read once."""
    week = read_week(environment.pk, service_name, clock.now())
    heartbeat = propose_heartbeat(rules, week)
    return [*propose_thresholds(rules, week), *([heartbeat] if heartbeat else [])]


def collect_trials(scan: SuggestionScan) -> bool:
    """Whether all have ended, or were waited for long enough; what they say is kept."""
    trials = Backtest.objects.filter(environment=scan.environment, pk__in=scan.work["trials"])
    if is_worked_on(trials) and clock.now() < scan.started_at + PATIENCE:
        return False
    found = [one for trial in trials.select_related("rule") if (one := propose_retune(trial)) is not None]
    keep_found(scan.environment, found, clock.now())
    return True


def is_worked_on(trials: Iterable[Backtest]) -> bool:
    """Whether any is under way."""
    return any(trial.state in UNFINISHED for trial in trials)


def enabled_rules(environment: Environment) -> list[AlertRule]:
    """As they are now."""
    return list(AlertRule.objects.filter(environment=environment, enabled=True).select_related("environment"))
