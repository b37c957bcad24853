"""Applying a document: what would change is worked out by changing it, in a transaction that a dry run takes back."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from alerts.as_code.document import Document, DocumentError
from alerts.as_code.export import POLICY_FIELDS, RULE_FIELDS, TARGET_FIELDS, TARGET_LINKS
from alerts.as_code.fields import all_values_of, check_row, set_values
from alerts.as_code.secrets import read_references
from alerts.changes import (
    Actor,
    check_target,
    delete_rule,
    delete_target,
    only_told_by,
    refuse_last,
    save_rule,
    save_target,
)
from alerts.models import AlertRule, Target
from alerts.targets import read_secrets
from diagnostics.models import Environment, PrivacyPolicy
from diagnostics.privacy.changes import tracked_change
from diagnostics.privacy.policies import compile_policy, save_policy

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that changes: field -> (before, after)."""

    kind: str
    name: str
    verb: str
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)


class TakenBackError(Exception):
    """Ends the transaction of a dry run."""


def apply_document(
    actor: Actor,
    environment: Environment,
    document: Document,
    *,
    dry_run: bool = False,
    prune: bool = False,
    trusted: bool = False,
) -> list[Step]:
    """What changed (or would); all of it, or nothing. `prune` deletes what the document does not name."""
    if document.environment not in ("", environment.slug):
        raise DocumentError(
            f"environment: this is the document of {document.environment[:60]}; take the line out to use it here"
        )
    steps: list[Step] = []
    try:
        with transaction.atomic():
            steps += apply_targets(actor, environment, document.targets, trusted=trusted)
            steps += apply_rules(actor, environment, document.rules)
            steps += apply_policy(actor, environment, document.policy)
            if prune:
                steps += prune_rules(actor, environment, document.rules)
                steps += prune_targets(actor, environment, document.targets)
            if dry_run:
                raise TakenBackError
    except TakenBackError:
        pass
    return steps


def difference(before: Values | None, after: Values) -> dict[str, tuple[Any, Any]]:
    """Only what is not the same; of what is new, only what is set."""
    old = before or {}
    return {name: (old.get(name), value) for name, value in after.items() if old.get(name) != value}


def step_of(kind: str, name: str, before: Values | None, after: Values) -> list[Step]:
    """No step where nothing changes."""
    changes = difference(before, after)
    if before is None:
        changes = {field: pair for field, pair in changes.items() if pair[1] not in (None, "", [], {})}
        return [Step(kind, name, "create", changes)]
    return [Step(kind, name, "change", changes)] if changes else []


def apply_targets(
    actor: Actor, environment: Environment, wanted: dict[str, Values] | None, *, trusted: bool
) -> list[Step]:
    """Targets, then those that they lead to: these may be new themselves."""
    if not wanted:
        return []
    known = {row.name: row for row in Target.objects.filter(environment=environment).select_related(*TARGET_LINKS)}
    befores = {name: target_values(row) for name, row in known.items()}
    links: dict[str, Values] = {}
    for name, given in wanted.items():
        values = dict(given)
        links[name] = {link: values.pop(link, None) for link in TARGET_LINKS}
        known[name] = apply_target(actor, environment, known.get(name), name, values, trusted=trusted)
    for name, wanted_links in links.items():
        set_links(actor, known, name, wanted_links)
    return [step for name in wanted for step in step_of("target", name, befores.get(name), target_values(known[name]))]


def target_values(row: Target) -> Values:
    """All that is compared; of secrets the names, and whether they are the same is told apart by their fingerprint."""
    return {
        **all_values_of(row, TARGET_FIELDS),
        **{link: linked.name if (linked := getattr(row, link)) else None for link in TARGET_LINKS},
        "secrets": {name: Secret(value) for name, value in sorted(read_secrets(row).items())},
    }


class Secret(str):
    """Compared, never shown."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "(secret)"


def apply_target(
    actor: Actor, environment: Environment, row: Target | None, name: str, values: Values, *, trusted: bool
) -> Target:
    """One target, saved if anything differs."""
    place = f"targets, {name[:60]}"
    given_secrets = values.pop("secrets", None)
    target = row or Target(environment=environment, name=name)
    known = read_secrets(target) if row else {}
    before = all_values_of(target, TARGET_FIELDS) if row else None
    set_values(target, TARGET_FIELDS, values, place)
    if row is not None and before is not None and before["kind"] != target.kind:
        raise DocumentError(f"{place}: kind: a target's kind cannot be changed; give the new one another name")
    secrets = read_references(given_secrets, known, place, trusted=trusted)
    check_row(target, place, exclude=TARGET_LINKS)
    if problems := check_target(target.kind, target.config, secrets):
        raise DocumentError(f"{place}: {' '.join(problems)}")
    if before != all_values_of(target, TARGET_FIELDS) or secrets != known:
        save_target(actor, target, {key: value for key, value in secrets.items() if known.get(key) != value})
    return target


def set_links(actor: Actor, known: dict[str, Target], name: str, links: Values) -> None:
    """Fallback and escalation by name; the model says whether they may be."""
    target, place = known[name], f"targets, {name[:60]}"
    before = {link: getattr(target, link) for link in TARGET_LINKS}
    for link, wanted in links.items():
        setattr(target, link, read_link(known, wanted, f"{place}: {link}"))
    if before != {link: getattr(target, link) for link in TARGET_LINKS}:
        check_row(target, place)
        save_target(actor, target)


def read_link(known: dict[str, Target], name: Any, place: str) -> Target | None:
    """The target of that name."""
    if name is not None and not isinstance(name, str):
        raise DocumentError(f"{place}: the name of one target is needed; leave the line out for none")
    if name is not None and name not in known:
        raise DocumentError(f"{place}: there is no target {str(name)[:60]} in this environment")
    return known[name] if name is not None else None


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


def apply_policy(actor: Actor, environment: Environment, wanted: Values | None) -> list[Step]:
    """The privacy policy; what it does not name becomes what a new environment has."""
    if wanted is None:
        return []
    row = PrivacyPolicy.objects.filter(environment=environment).first() or PrivacyPolicy(environment=environment)
    before = all_values_of(row, POLICY_FIELDS)
    set_values(row, POLICY_FIELDS, wanted, "policy")
    check_row(row, "policy")
    try:
        compile_policy(row)
    except Exception as error:  # whatever the compiler refuses, it says why
        raise DocumentError(f"policy: {' '.join(getattr(error, 'messages', [str(error)]))}") from None
    found = step_of("policy", environment.slug, before, all_values_of(row, POLICY_FIELDS))
    if found and actor is not None:
        save_policy(actor, row)
    elif found:
        with tracked_change(None, row, "policy"):
            row.save()
    return found


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


def prune_targets(actor: Actor, environment: Environment, wanted: Collection[str] | None) -> list[Step]:
    """Targets that the document does not name go, but for the last one of a rule that stays."""
    if wanted is None:
        return []
    gone = list(Target.objects.filter(environment=environment).exclude(name__in=list(wanted)))
    if rules := only_told_by(gone):
        names = ", ".join(target.name[:60] for target in gone if target.rules.filter(pk__in=[one.pk for one in rules]))
        raise DocumentError(f"targets: {names} cannot be deleted. {refuse_last(rules)}")
    for target in gone:
        delete_target(actor, target)
    return [Step("target", target.name, "delete") for target in gone]
