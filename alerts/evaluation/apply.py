"""Writing down what an evaluation found: states, incidents, values; in the caller's transaction."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from django.db.models import Min

from alerts.evaluation.explain import write_end, write_summary, write_title
from alerts.evaluation.history import moment_of, number_of
from alerts.evaluation.samples import Instant
from alerts.evaluation.state_machine import SeriesState, State, Transition
from alerts.evaluation.step import Before, Outcome
from alerts.evaluation.template_rows import ids_of, words_of
from alerts.evaluation.usual import UNKNOWN, Usual, find_usual
from alerts.incidents.grouping import OPEN
from alerts.incidents.transitions import (
    Opening,
    dedup_key_of,
    end_series,
    note_values,
    open_incident,
    still_bad,
)
from alerts.models import RANKS, AlertRule, Incident, RuleState

FIRED_WITHIN = timedelta(days=2)
JUST_OVER = timedelta(minutes=2)  # a window that ended so lately is not called late
BELIEVED = timedelta(minutes=5)  # a person who says that it is over, at least so long
FIRED_KEPT = 20  # windows remembered of each series
FIELDS = ("state", "since", "healthy_since", "value", "usual", "incident", "evaluated_at", "fired")


def before_of(row: RuleState) -> Before:
    """What the pure part needs to know of a stored state."""
    state = SeriesState(State(row.state), row.since, row.healthy_since)
    usual = None
    if row.state == State.FIRING and row.incident is not None and row.incident.is_open:
        usual = row.usual
    return Before(state, usual)


def apply_outcomes(
    rule: AlertRule, instant: Instant, outcomes: Sequence[Outcome], states: dict[str, RuleState], now: datetime
) -> None:
    """Save every state that has moved, and do what each transition asks for."""
    moved = []
    values: dict[int, list[float]] = defaultdict(list)  # of incidents that last
    for outcome in outcomes:
        row = states.get(outcome.series.name)
        if row is None:
            row = states[outcome.series.name] = RuleState(rule=rule, series=outcome.series.name)
        elif not has_moved(row, outcome):
            continue
        move(row, outcome, now)
        tell(rule, instant, row, outcome, now)
        moved.append(row)
        if outcome.fires_on and row.incident is not None and row.incident.rule_id == rule.pk:
            values[row.incident.pk].append(outcome.verdict.measured)
    note_values(rule, values)
    RuleState.objects.bulk_create(moved, update_conflicts=True, unique_fields=("rule", "series"), update_fields=FIELDS)


def forget_states(now: datetime) -> None:
    """Series at rest whose last firing no late record can reach any more."""
    at_rest = RuleState.objects.exclude(state__in=(State.PENDING, State.FIRING))
    at_rest.filter(evaluated_at__lt=now - FIRED_WITHIN).delete()


def has_moved(row: RuleState, outcome: Outcome) -> bool:
    """A series that stays at rest costs no write, whatever its value."""
    return outcome.is_active or row.state != outcome.after.state


def move(row: RuleState, outcome: Outcome, now: datetime) -> None:
    """The row says what the outcome says."""
    after = outcome.after
    row.state, row.since, row.healthy_since = after.state, after.since, after.well_since
    row.value, row.evaluated_at = outcome.verdict.measured, now


def tell(rule: AlertRule, instant: Instant, row: RuleState, outcome: Outcome, now: datetime) -> None:
    """Open or resolve the incident, or remember that the window still fires."""
    _, end = instant.window(rule)
    if outcome.transition == Transition.FIRES:
        usual = find_usual(rule, instant, outcome.series, bad_spans(rule, row, outcome, end))
        opening = opening_of(rule, outcome, usual, now)
        row.incident, row.usual = open_incident(opening), opening.usual
        row.fired = [*row.fired, [end - rule.window_minutes, end]][-FIRED_KEPT:]
    elif outcome.transition == Transition.RESOLVES:
        if row.incident is not None:
            end_series(row.incident, rule, row.series, write_end(rule, outcome.verdict), now)
    elif outcome.fires_on and outcome.verdict.is_bad:
        if row.fired:
            row.fired = [*row.fired[:-1], [row.fired[-1][0], max(row.fired[-1][1], end)]]
        if was_closed_too_soon(rule, row, end, now):
            usual = find_usual(rule, instant, outcome.series, bad_spans(rule, row, outcome, end))
            row.incident = still_bad(cast("Incident", row.incident), opening_of(rule, outcome, usual, now))
        elif was_made_worse(rule, row):
            usual = find_usual(rule, instant, outcome.series, bad_spans(rule, row, outcome, end))
            row.incident = open_incident(opening_of(rule, outcome, usual, now))
            shown = row.incident.evidence.filter(dedup_key=dedup_key_of(rule, row.series))
            shown.update(severity=rule.severity)


def was_closed_too_soon(rule: AlertRule, row: RuleState, end: int, now: datetime) -> bool:
    """Whether somebody has said that it is over, and a whole window since then says that it is not. Who closes a silence
    knows that nothing comes."""
    closed_at = row.incident.resolved_at if row.incident is not None else None
    if closed_at is None or rule.condition == AlertRule.Condition.ABSENCE:
        return False
    return moment_of(end - rule.window_minutes) >= closed_at and now - closed_at >= BELIEVED


def was_made_worse(rule: AlertRule, row: RuleState) -> bool:
    """Whether somebody has raised the rule's severity while it fires: that is told."""
    incident = row.incident
    return incident is not None and incident.is_open and RANKS[rule.severity] > RANKS[incident.severity]


def bad_spans(rule: AlertRule, row: RuleState, outcome: Outcome, end: int) -> list[list[int]]:
    """Minutes in which something was wrong with a series: it fired, waited to fire, or its service has an incident."""
    spans = list(row.fired)
    if outcome.before is not None and outcome.before.state.state == State.PENDING:
        spans.append([number_of(outcome.before.state.since) - rule.window_minutes, end])
    service = outcome.series.service_name
    open_now = Incident.objects.filter(environment_id=rule.environment_id, service_name=service, state__in=OPEN)
    if service and (began := open_now.aggregate(first=Min("started_at"))["first"]):
        spans.append([number_of(began), end])
    return spans


def fire_late(rule: AlertRule, outcome: Outcome, states: dict[str, RuleState], end: int, now: datetime) -> None:
    """A window that is over fires; the series looks as it does now from the next evaluation on."""
    name = outcome.series.name
    row = states.get(name) or RuleState(rule=rule, series=name)
    states[name] = row
    opening = opening_of(rule, outcome, UNKNOWN, now)
    since, until = moment_of(end - rule.window_minutes), moment_of(end)
    span = f"{since:%H:%M} to {until:%H:%M} UTC"
    is_late = now - until >= JUST_OVER
    late = f"Late: this was {span}, its records came in afterwards." if is_late else f"This was {span}."
    summary = f"{opening.summary} {late}"
    row.incident, row.usual = open_incident(replace(opening, summary=summary, window_end=until)), opening.usual
    row.state, row.since, row.healthy_since = State.FIRING, now, None
    row.value, row.evaluated_at = outcome.verdict.measured, now
    row.fired = [*row.fired, [end - rule.window_minutes, end]][-FIRED_KEPT:]
    row.save()


def opening_of(rule: AlertRule, outcome: Outcome, usual: Usual, now: datetime) -> Opening:
    """What an incident is opened with."""
    series, sample = outcome.series, outcome.sample
    words = words_of(rule, series)
    return Opening(
        rule=rule,
        series=series.name,
        service_name=series.service_name,
        http_route=series.http_route,
        templates=ids_of(series),
        title=write_title(rule, series, words),
        summary=write_summary(rule, outcome, usual, words),
        value=outcome.verdict.measured,
        usual=usual.value if sample.usual is None else sample.usual,
        now=now,
    )
