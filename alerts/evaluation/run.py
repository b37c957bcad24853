"""Evaluating an environment: reads its sums once, steps each series of each rule, opens and resolves incidents.

One evaluation of an environment at a time. State, incidents and notifications are one transaction; a worker killed in the
middle leaves nothing half done.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from alerts.evaluation.apply import apply_outcomes, before_of
from alerts.evaluation.baseline_store import score_baselines
from alerts.evaluation.builtin import ensure_builtin_rules
from alerts.evaluation.check_ins import evaluate_check_ins
from alerts.evaluation.first_seen import evaluate_first_seen
from alerts.evaluation.health import Finding, apart, health_of, note_health
from alerts.evaluation.history import history_of, number_of
from alerts.evaluation.late import evaluate_late
from alerts.evaluation.mark import note_evaluated, resumed_at
from alerts.evaluation.new_templates import evaluate_new_templates
from alerts.evaluation.samples import Instant
from alerts.evaluation.step import step_rule
from alerts.incidents.transitions import end_rule
from alerts.models import AlertRule, RuleState, Severity
from diagnostics.core import clock
from diagnostics.models import Environment
from diagnostics.storage.turns import Turn, take_turn

SEVERITIES = Severity.values  # from worst to mildest
States = dict[int, dict[str, RuleState]]  # by rule and series


def evaluate_environment(environment_id: int, now: datetime | None = None) -> bool:
    """Evaluate all rules; True when something is pending or firing and wants another look soon."""
    with transaction.atomic():
        take_turn(Turn.EVALUATION, environment_id)  # it takes milliseconds, so waiting for another is fine
        environment = Environment.objects.filter(pk=environment_id).first()
        if environment is None:
            return False
        moment = now or clock.now()
        rules = enabled_rules(environment)
        states = read_states(environment_id)
        seeing = [rule for rule in rules if rule.condition == AlertRule.Condition.FIRST_SEEN]
        expecting = [rule for rule in rules if rule.condition == AlertRule.Condition.MISSED]
        counting = [rule for rule in rules if rule not in seeing and rule not in expecting]
        history = history_of(environment_id)
        instant = history.instant(counting, moment)
        resumed = resumed_at(environment_id, moment)
        instant.resumed = None if resumed is None else number_of(resumed) + 1
        instant.scores = score_baselines(history, counting, instant, moment)
        active, health = evaluate_rules(counting, instant, states, moment)
        is_template = AlertRule.Signal.NEW_TEMPLATES
        errors = [rule for rule in seeing if rule.signal != is_template]
        active |= evaluate_first_seen(environment_id, errors, states, health, moment)
        templates = [rule for rule in seeing if rule.signal == is_template]
        active |= evaluate_new_templates(environment_id, templates, states, health, moment)
        with apart(expecting, health), transaction.atomic():
            evaluate_check_ins(environment_id, expecting, states, moment, resumed)
        evaluate_late(history, counting, instant, states, moment)
        note_health(rules, health, moment)
        note_evaluated(environment_id, moment)
        return active


def enabled_rules(environment: Environment) -> list[AlertRule]:
    """The environment's rules; one that has never had any gets the built-in ones."""
    rules = AlertRule.objects.filter(environment=environment)
    found = list(rules)
    if not found:
        ensure_builtin_rules(environment)
        found = list(rules.all())
    for rule in found:
        rule.environment = environment
    return sorted((rule for rule in found if rule.enabled), key=precedence)


def precedence(rule: AlertRule) -> tuple[int, bool, int]:
    """The worst rule first, and of equals the one that looks closer: when several see one cause at once, it opens the
    incident and the others join it."""
    return SEVERITIES.index(rule.severity), rule.group_by != AlertRule.GroupBy.ROUTE, rule.pk


def read_states(environment_id: int) -> States:
    """All states of an environment's series, in one statement."""
    found: States = defaultdict(dict)
    rows = RuleState.objects.filter(rule__environment_id=environment_id).select_related("incident")
    for state in rows.defer("incident__samples", "incident__context"):
        found[state.rule_id][state.series] = state
    return found


def evaluate_rules(
    rules: list[AlertRule], instant: Instant, states: States, now: datetime
) -> tuple[bool, dict[int, Finding]]:
    """Whether anything wants another look soon, and how each rule fares."""
    active = False
    health: dict[int, Finding] = {}
    for rule in rules:
        with apart([rule], health):
            known = states.setdefault(rule.pk, {})  # what it adds, the next steps know
            active |= evaluate_rule(rule, instant, known, now)
            health[rule.pk] = health_of(rule, instant)
    return active, health


def evaluate_rule(rule: AlertRule, instant: Instant, states: dict[str, RuleState], now: datetime) -> bool:
    """Step each series that has data, and each that is not at rest; write down what came of it."""
    before = {name: before_of(state) for name, state in states.items()}
    outcomes = step_rule(rule, instant, before, now)
    if outcomes:
        with transaction.atomic():
            apply_outcomes(rule, instant, outcomes, states, now)
    return any(outcome.is_active for outcome in outcomes)


def retire_rules(rules: Iterable[AlertRule], now: datetime | None = None) -> None:
    """Rules that are disabled or about to be deleted resolve what they opened: nothing may stay stuck.

    An evaluation that runs at the same time comes before or after, never in between.
    """
    for rule in rules:
        with transaction.atomic():
            take_turn(Turn.EVALUATION, rule.environment_id)
            end_rule(rule, "Its rule was switched off.", now or clock.now())
            RuleState.objects.filter(rule=rule).delete()
