"""Backtests as work of the queue: slices of some seconds, each ending with a note of where it stands. Alerts go first."""

import logging
import time
from collections import defaultdict
from datetime import timedelta
from typing import Any, Final

from django_q.tasks import async_task

from alerts.as_code.export import RULE_FIELDS
from alerts.as_code.fields import all_values_of
from alerts.backtest.news import summarise_news, try_news
from alerts.backtest.replay import Replay
from alerts.backtest.summary import summarise
from alerts.backtest.variants import variants_of
from alerts.evaluation.explain import write_summary, write_title
from alerts.evaluation.history import number_of, read_matches, read_rows
from alerts.evaluation.samples import DAY, Instant
from alerts.evaluation.step import Outcome
from alerts.evaluation.stretch import Row
from alerts.evaluation.template_rows import find_templates, read_template_rows, words_of
from alerts.evaluation.usual import Spans, find_usual
from alerts.models import AlertRule, Backtest
from diagnostics.core import clock
from diagnostics.core.access import Person
from diagnostics.leases import is_free, take_lease

logger = logging.getLogger(__name__)

CHOICES: Final = (7, 30, 90)  # days
SLICE_SECONDS: Final = 8.0  # of one task: alerts wait no longer behind it
CHUNK: Final = 360  # minutes read at a time
LEASE: Final = timedelta(minutes=3)  # longer than the queue's own time limit
KEPT: Final = timedelta(days=14)
MOST_WAITING: Final = 5  # of one environment
UNFINISHED: Final = (Backtest.State.WAITING, Backtest.State.RUNNING)


class NotPossibleError(Exception):
    """Why a rule cannot be tried on the past, in words."""


def request_backtest(rule: AlertRule, days: int, person: Person | None) -> Backtest:
    """Write it down and ring. The rule may be one that is not saved; without a person the product asks for itself."""
    if reason := why_not(rule):
        raise NotPossibleError(reason)
    if Backtest.objects.filter(environment_id=rule.environment_id, state__in=UNFINISHED).count() >= MOST_WAITING:
        raise NotPossibleError(f"{MOST_WAITING} backtests of this environment are under way: wait, or cancel one.")
    until = number_of(clock.now())
    backtest = Backtest.objects.create(
        environment_id=rule.environment_id,
        rule=rule if rule.pk else None,
        values={"slug": rule.slug, **all_values_of(rule, RULE_FIELDS)},
        days=days,
        since=until - days * DAY,
        until=until,
        reached=until - days * DAY,
        requested_by_id=person.pk if person else None,
        requested_at=clock.now(),
    )
    ring(backtest)
    return backtest


def why_not(rule: AlertRule) -> str:
    """What minutes' sums cannot tell."""
    if rule.condition == AlertRule.Condition.MISSED:
        return "Check-ins cannot be tried on the past: the page of each monitor shows how it fared."
    if rule.signal == AlertRule.Signal.MATCHES and not rule.pk:
        return "Matches are counted from the moment when a rule is saved: save it, and try it in some days."
    return ""


def ring(backtest: Backtest) -> None:
    """Tell a worker."""
    async_task("alerts.tasks.backtest_task", str(backtest.pk))


def work_on(backtest_id: str, seconds: float = SLICE_SECONDS) -> None:
    """One slice; rings for the next."""
    backtest = claim(backtest_id)
    if backtest is None:
        return
    try:
        advance(backtest, seconds)
    except Exception as error:  # the trial is over, and says so; nothing else is touched
        logger.exception("backtest %s failed", backtest.pk)
        backtest.state, backtest.error = (
            Backtest.State.FAILED,
            f"It failed: {type(error).__name__}. The worker's log has more.",
        )
        backtest.finished_at, backtest.work = clock.now(), {}
    backtest.leased_until = None
    # A person may have cancelled it meanwhile: that stays.
    names = ("state", "error", "finished_at", "work", "result", "reached", "leased_until")
    values = {name: getattr(backtest, name) for name in names}
    kept = Backtest.objects.filter(pk=backtest.pk, state__in=UNFINISHED).update(**values)
    if kept and not backtest.is_finished:
        ring(backtest)


def claim(backtest_id: str) -> Backtest | None:
    """Take the lease."""
    waiting = Backtest.objects.filter(pk=backtest_id, state__in=UNFINISHED)
    if not take_lease(waiting, LEASE, state=Backtest.State.RUNNING):
        return None
    return Backtest.objects.select_related("environment").get(pk=backtest_id)


def advance(backtest: Backtest, seconds: float) -> None:
    """Replay chunks until the time is over or the past is; what was news is few rows, and looked at at once."""
    rule = rule_of(backtest)
    if rule.condition == AlertRule.Condition.FIRST_SEEN:
        finish(backtest, summarise_news(try_news(rule, backtest.since, backtest.until), backtest))
        return
    templates = find_templates(backtest.environment_id, [rule])
    replay = Replay(variants_of(rule), backtest.since, backtest.until, explain, templates)
    start = backtest.reached
    if backtest.work:
        replay.load(backtest.work)
    play(backtest, replay, start - replay.memory, start, warm=bool(backtest.work))
    deadline = time.monotonic() + seconds
    while start < backtest.until and time.monotonic() < deadline:
        end = min(start + CHUNK, backtest.until)
        play(backtest, replay, start, end)
        start = end
    backtest.reached = start
    if start < backtest.until:
        backtest.work = replay.save()
        return
    replay.finish()
    finish(backtest, summarise(replay, backtest.days))


def finish(backtest: Backtest, result: dict[str, Any]) -> None:
    """All of the past was looked at."""
    backtest.result, backtest.reached, backtest.work = result, backtest.until, {}
    backtest.state, backtest.finished_at = Backtest.State.DONE, clock.now()


def play(backtest: Backtest, replay: Replay, since: int, until: int, *, warm: bool = False) -> None:
    """Minutes in [since, until). `warm`: they were played before and only fill the memory."""
    rows = read(backtest, replay, since, until)
    past = read(backtest, replay, since - replay.back, until - replay.back) if replay.back else {}
    first = replay.since
    if warm:
        replay.since = until
    for minute in range(since, until):
        replay.advance(minute, rows.get(minute, []), past.get(minute - replay.back, []))
    replay.since = first


def read(backtest: Backtest, replay: Replay, since: int, until: int) -> dict[int, list[Row]]:
    """Rows by minute."""
    rule = replay.rule
    found: dict[int, list[Row]] = defaultdict(list)
    for row in read_rows(backtest.environment_id, since, until, rule.service_name):
        found[row.minute].append(row)
    if rule.signal == AlertRule.Signal.MATCHES:
        for row in read_matches(backtest.environment_id, since, until):
            found[row.minute].append(row)
    for row in read_template_rows(backtest.environment_id, replay.templates, since, until):
        found[row.minute].append(row)
    return found


def rule_of(backtest: Backtest) -> AlertRule:
    """The rule as it was tried; it has the number of the one that it is a draft of, for its matches."""
    rule = AlertRule(pk=backtest.rule_id, environment=backtest.environment, slug=backtest.values.get("slug", ""))
    for name, field in RULE_FIELDS.items():
        if name in backtest.values:
            setattr(rule, name, field.to_python(backtest.values[name]))
    return rule


def explain(rule: AlertRule, instant: Instant, outcome: Outcome, bad: Spans) -> str:
    """The message that would have gone out."""
    usual = find_usual(rule, instant, outcome.series, bad)
    words = words_of(rule, outcome.series)
    return f"{write_title(rule, outcome.series, words)}\n{write_summary(rule, outcome, usual, words)}"


def cancel_backtest(backtest: Backtest) -> None:
    """Whoever works on it notices at the end of the slice."""
    Backtest.objects.filter(pk=backtest.pk, state__in=UNFINISHED).update(
        state=Backtest.State.CANCELLED, finished_at=clock.now(), work={}
    )


def sweep_backtests() -> None:
    """What no bell announced goes on; what is old goes."""
    now = clock.now()
    late = Backtest.objects.filter(is_free(), state__in=UNFINISHED, requested_at__lt=now - timedelta(minutes=1))
    for backtest in late[:5]:
        ring(backtest)
    Backtest.objects.filter(requested_at__lt=now - KEPT).delete()
