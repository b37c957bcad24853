"""Rules of a document, with whom they tell."""

from collections.abc import Collection
from typing import Any

from alerts.as_code.document import DocumentError
from alerts.as_code.export import RULE_FIELDS
from alerts.as_code.fields import all_values_of, check_row, set_values
from alerts.as_code.steps import Step, Values, step_of
from alerts.changes import Actor, delete_rule, save_rule
from alerts.models import AlertRule, Target
from diagnostics.models import Environment
from diagnostics.privacy.changes import tracked_change


def apply_rules(actor: Actor, environment: Environment, wanted: dict[str, Values] | None) -> list[Step]:
    """Rules by their slug, with their targets by name."""
    if not wanted:
        return []
    rows = AlertRule.objects.filter(environment=environment).prefetch_related("targets")
    known = {rule.slug: rule for rule in rows}
    targets = {row.name: row for row in Target.objects.filter(environment=environment)}
    steps: list[Step] = []
    for slug, given in wanted.items():
        steps += apply_rule(actor, environment, known.get(slug), slug, dict(given), targets)
    return steps


def apply_rule(
    actor: Actor,
    environment: Environment,
    row: AlertRule | None,
    slug: str,
    values: Values,
    targets: dict[str, Target],
) -> list[Step]:
    """One rule, saved if anything differs."""
    place = f"rules, {slug[:60]}"
    names = read_names(values.pop("targets", []), targets, f"{place}: targets")
    before = rule_values(row) if row else None
    rule = row or AlertRule(environment=environment, slug=slug)
    set_values(rule, RULE_FIELDS, values, place)
    check_row(rule, place)
    after = {**all_values_of(rule, RULE_FIELDS), "targets": sorted(names)}
    found = step_of("rule", slug, before, after)
    if found:
        with tracked_change(actor, rule):
            save_rule(actor, rule)
            rule.targets.set([targets[name] for name in names])
    return found


def read_names(names: Any, known: Collection[str], place: str) -> list[str]:
    """Names of targets that there are."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DocumentError(f"{place}: a list is needed, of targets' names; leave the line out for all targets")
    if missing := [name for name in names if name not in known]:
        raise DocumentError(f"{place}: there is no target {missing[0][:60]} in this environment")
    return names


def rule_values(rule: AlertRule) -> Values:
    """All that is compared."""
    return {**all_values_of(rule, RULE_FIELDS), "targets": sorted(target.name for target in rule.targets.all())}


def prune_rules(actor: Actor, environment: Environment, wanted: Collection[str] | None) -> list[Step]:
    """Rules that the document does not name go; built-in ones are switched off, for they would come back."""
    if wanted is None:
        return []
    steps: list[Step] = []
    for rule in AlertRule.objects.filter(environment=environment).exclude(slug__in=list(wanted)):
        if not rule.builtin:
            steps.append(Step("rule", rule.slug, "delete"))
            delete_rule(actor, rule)
        elif rule.enabled:
            rule.enabled = False
            steps.append(Step("rule", rule.slug, "change", {"enabled": (True, False)}))
            save_rule(actor, rule)
    return steps
