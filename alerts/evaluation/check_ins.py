"""Missed and failed check-ins as incidents: one for each monitor, over with the next check-in that says ok.

What was missed while the product itself was down is told together, and said to be so: it may have been our fault.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from alerts.evaluation.state_machine import State
from alerts.incidents.opening import hash_of
from alerts.incidents.transitions import TOLD_AGAIN_AFTER, Opening, end_series, open_incident, show_anew
from alerts.models import RANKS, AlertRule, Incident, Monitor, RuleState
from alerts.monitors.misses import notice_misses

TOGETHER: Final = "(missed while the product was down)"  # a series of its own: no slug can be called so
NAMED: Final = 5  # monitors in the sentence about many

States = dict[int, dict[str, RuleState]]


def evaluate_check_ins(
    environment_id: int, rules: Iterable[AlertRule], states: States, now: datetime, resumed: datetime | None
) -> None:
    """Find what was missed; open and end incidents by how the monitors stand. One statement where all is well."""
    monitors = look_at(environment_id, now)
    if any(is_over(monitor, now) for monitor in monitors):
        notice_misses(environment_id, now, resumed)
        monitors = look_at(environment_id, now)
    in_trouble = [monitor for monitor in monitors if monitor.is_down or monitor.is_doubtful]
    for rule in rules:
        known = states.get(rule.pk, {})
        seen = [monitor for monitor in in_trouble if not rule.leaves_out(monitor.slug)]
        if seen or any(row.state == State.FIRING for row in known.values()):
            with transaction.atomic():
                tell(rule, seen, known, now)


def look_at(environment_id: int, now: datetime) -> list[Monitor]:
    """Those of which anything is to be said."""
    rows = Monitor.objects.filter(environment_id=environment_id, paused=False)
    bad = Q(down_since__isnull=False) | Q(is_doubtful=True) | Q(deadline_at__lte=now)
    return list(rows.filter(bad).order_by("pk"))


def is_over(monitor: Monitor, now: datetime) -> bool:
    """Whether its deadline is."""
    return monitor.deadline_at is not None and monitor.deadline_at <= now


def tell(rule: AlertRule, monitors: Sequence[Monitor], known: dict[str, RuleState], now: datetime) -> None:
    """The rule's part."""
    found = {monitor.slug: open_for(rule, monitor, now) for monitor in monitors if monitor.is_down}
    if doubtful := [monitor for monitor in monitors if not monitor.is_down]:
        found[TOGETHER] = open_together(rule, doubtful, now)
    began = {monitor.slug: monitor.trouble_at for monitor in monitors}
    began[TOGETHER] = max((one.trouble_at for one in doubtful if one.trouble_at is not None), default=None)
    for name, opening in found.items():
        row = known.get(name)
        if row is not None and name == TOGETHER and has_grown(row, began[TOGETHER], now):
            fire(row, tell_again(row.incident, opening))
        elif row is None or row.state != State.FIRING or is_news(row, began.get(name)):
            fire(row or RuleState(rule=rule, series=name), opening)
    for name in [name for name, row in known.items() if row.state == State.FIRING and name not in found]:
        recover(rule, known[name], now)


def is_news(row: RuleState, trouble_at: datetime | None) -> bool:
    """Whether it went wrong once more after somebody had said that it was over."""
    ended = row.incident.resolved_at if row.incident is not None else row.since
    return ended is not None and trouble_at is not None and trouble_at > ended


def has_grown(row: RuleState, trouble_at: datetime | None, now: datetime) -> bool:
    """Whether one was found missed since those together were told: later, because it has more time, or after another
    downtime. They wait for each other for some minutes."""
    is_told = row.state == State.FIRING and row.incident is not None and row.incident.is_open
    return is_told and trouble_at is not None and trouble_at > row.since and now >= row.since + TOLD_AGAIN_AFTER


def tell_again(incident: Incident | None, opening: Opening) -> Opening:
    """The same incident is told again, of all of them; no milder than it was."""
    if incident is None:
        return opening
    show_anew(incident, opening)
    return replace(opening, severity=max(incident.severity, opening.level, key=lambda severity: RANKS[severity]))


def fire(row: RuleState, opening: Opening) -> None:
    """Open the incident."""
    row.incident = open_incident(opening)
    row.state, row.since, row.value, row.evaluated_at = State.FIRING, opening.now, opening.value, opening.now
    row.healthy_since = None
    row.save()


def recover(rule: AlertRule, row: RuleState, now: datetime) -> None:
    """It checked in, or nothing is expected of it any more."""
    row.state, row.since, row.evaluated_at = State.RESOLVED, now, now
    if row.incident is not None:
        end_series(row.incident, rule, row.series, write_end(rule, row.series), now)
    row.save()


def write_end(rule: AlertRule, series: str) -> str:
    """Why it is over."""
    if series == TOGETHER:
        return "All of them have checked in since, or were told of by themselves."
    monitor = Monitor.objects.filter(environment_id=rule.environment_id, slug=series).first()
    if monitor is None:
        return "Its monitor was deleted."
    if monitor.paused:
        return "Its monitor was paused."
    if monitor.is_down:
        return "The rule does not look at it any more."
    return f"{monitor.name} checked in and is well."


def open_for(rule: AlertRule, monitor: Monitor, now: datetime) -> Opening:
    """One monitor's."""
    return Opening(
        rule=rule,
        series=monitor.slug,
        service_name=monitor.slug,
        http_route="",
        title=f"{rule.name}: {monitor.name}"[:300],
        summary=write_trouble(monitor),
        value=float(monitor.failures),
        now=now,
        severity=monitor.severity,
        grouping_key=hash_of("monitor", rule.environment_id, monitor.slug),
        started_at=monitor.down_since,
    )


def write_trouble(monitor: Monitor) -> str:
    """What is wrong with it, and for how long it has been so."""
    again = f" That is {monitor.failures:,} in a row." if monitor.failures > 1 else ""
    return f"{monitor.trouble}{again}"


def open_together(rule: AlertRule, monitors: Sequence[Monitor], now: datetime) -> Opening:
    """Those that were due while nobody was there to hear them."""
    names = ", ".join(monitor.name for monitor in monitors[:NAMED])
    more = f" and {len(monitors) - NAMED:,} more" if len(monitors) > NAMED else ""
    which = "1 check-in was" if len(monitors) == 1 else f"{len(monitors):,} check-ins were"
    worst = max((monitor.severity for monitor in monitors), key=lambda severity: RANKS[severity])
    return Opening(
        rule=rule,
        series=TOGETHER,
        service_name="",
        http_route="",
        title=f"{rule.name}: due while the product was down"[:300],
        summary=f"{which} missed while Diagnostics itself was down, and may have come all the same: {names}{more}.",
        value=float(len(monitors)),
        now=now,
        severity=worst,
    )
