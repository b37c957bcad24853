"""Evaluating an environment: reads its rollups once, steps each series of each rule, opens and resolves incidents.

One evaluation of an environment at a time: an advisory lock that ends with the transaction. State, incidents and
notifications are one transaction; a worker killed in the middle leaves nothing half done.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db import connection, transaction

from alerts.evaluation.builtin import ensure_builtin_rules
from alerts.evaluation.explain import write_summary, write_title
from alerts.evaluation.judge import judge, timing_of
from alerts.evaluation.series import Series, Window, longest_window
from alerts.evaluation.state_machine import SeriesState, State, Transition, step
from alerts.incidents.transitions import Opening, note_value, open_incident, resolve_incident
from alerts.models import AlertRule, RuleState
from diagnostics.core import clock
from diagnostics.detection.sample import Sample, Verdict
from diagnostics.models import Environment

logger = logging.getLogger(__name__)

LOCK_SPACE = 7_301  # our part of PostgreSQL's advisory locks
QUIET = Sample(0.0, 0)


def evaluate_environment(environment_id: int, now: datetime | None = None) -> bool:
    """Evaluate all rules; True when something is pending or firing and wants another look soon."""
    with transaction.atomic():
        take_lock(environment_id)
        environment = Environment.objects.filter(pk=environment_id).first()
        if environment is None:
            return False
        rules = enabled_rules(environment)
        moment = now or clock.now()
        window = Window(environment_id, moment, longest_window(rules))
        active = [evaluate_safely(rule, window, moment) for rule in rules]
        return any(active)


def take_lock(environment_id: int) -> None:
    """Until the end of the transaction; an evaluation takes milliseconds, so waiting for another is fine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, environment_id])


def enabled_rules(environment: Environment) -> list[AlertRule]:
    """The environment's rules; one that has never had any gets the built-in ones."""
    rules = AlertRule.objects.filter(environment=environment).select_related("environment")
    if not rules.exists():
        ensure_builtin_rules(environment)
    return list(rules.filter(enabled=True))


def evaluate_safely(rule: AlertRule, window: Window, now: datetime) -> bool:
    """One rule that cannot be evaluated must not stop the others."""
    try:
        with transaction.atomic():
            return evaluate_rule(rule, window, now)
    except Exception:
        logger.exception("rule %d cannot be evaluated", rule.pk)
        return False


def evaluate_rule(rule: AlertRule, window: Window, now: datetime) -> bool:
    """Step each series that has data, and each that is not at rest."""
    states = {state.series: state for state in RuleState.objects.filter(rule=rule).select_related("incident")}
    samples = dict(window.samples(rule))
    absent = {name: QUIET for name, state in states.items() if state.state in (State.PENDING, State.FIRING)}
    for series in samples:
        absent.pop(series.name, None)
    active = False
    for series, sample in (*samples.items(), *((series_named(name), sample) for name, sample in absent.items())):
        active |= evaluate_series(rule, series, sample, states.get(series.name), now)
    return active


def series_named(name: str) -> Series:
    """The series whose name was stored."""
    service, _, route = name.partition(" ")
    return Series(service, route)


def evaluate_series(rule: AlertRule, series: Series, sample: Sample, stored: RuleState | None, now: datetime) -> bool:
    """One step; returns whether the series wants another look soon."""
    sample = with_usual_of_opening(sample, stored)
    verdict = judge(rule, sample)
    if stored is None and not verdict.is_bad:
        return False  # rows exist only for series that were ever bad
    before = SeriesState(State.OK, now) if stored is None else state_of(stored)
    after, transition = step(before, verdict, timing_of(rule), now)
    row = stored or RuleState(rule=rule, series=series.name)
    row.state, row.since, row.healthy_since = after.state, after.since, after.well_since
    row.value, row.evaluated_at = verdict.measured, now
    if transition == Transition.FIRES:
        row.incident = open_incident(opening_of(rule, series, sample, verdict, now))
    elif transition == Transition.RESOLVES and row.incident is not None:
        resolve_incident(row.incident, None, "It has looked well for long enough.", now=now)
    elif after.state == State.FIRING and row.incident is not None:
        note_value(row.incident, verdict.measured)
    row.save()
    return after.state in (State.PENDING, State.FIRING)


def with_usual_of_opening(sample: Sample, stored: RuleState | None) -> Sample:
    """While an incident is open its usual is the one that it was opened against: what lasts must not become usual."""
    incident = stored.incident if stored is not None and stored.state == State.FIRING else None
    if incident is None or not incident.is_open:
        return sample
    return replace(sample, usual=incident.context.get("usual", sample.usual))


def state_of(row: RuleState) -> SeriesState:
    """The stored state as the state machine's."""
    return SeriesState(State(row.state), row.since, row.healthy_since)


def opening_of(rule: AlertRule, series: Series, sample: Sample, verdict: Verdict, now: datetime) -> Opening:
    """What an incident is opened with."""
    return Opening(
        rule=rule,
        series=series.name,
        service_name=series.service_name,
        http_route=series.http_route,
        title=write_title(rule, series),
        summary=write_summary(rule, series, sample, verdict),
        value=verdict.measured,
        usual=sample.usual,
        now=now,
    )


def retire_rules(rules: Iterable[AlertRule], now: datetime | None = None) -> None:
    """Rules that are disabled or about to be deleted resolve what they opened: nothing may stay stuck.

    An evaluation that runs at the same time comes before or after, never in between.
    """
    for rule in rules:
        with transaction.atomic():
            take_lock(rule.environment_id)
            for state in RuleState.objects.filter(rule=rule, state=State.FIRING).select_related("incident"):
                if state.incident is not None:
                    resolve_incident(state.incident, None, "Its rule was switched off.", now=now)
            RuleState.objects.filter(rule=rule).delete()
