"""Targets of a document: their settings, their secrets, and the targets that they lead to."""

from collections.abc import Collection
from typing import Any

from alerts.as_code.document import DocumentError
from alerts.as_code.export import TARGET_FIELDS, TARGET_LINKS
from alerts.as_code.fields import all_values_of, check_row, set_values
from alerts.as_code.secrets import read_references
from alerts.as_code.steps import Step, Values, step_of
from alerts.changes import Actor, check_target, delete_target, only_told_by, refuse_last, save_target
from alerts.models import Target
from alerts.targets import read_secrets
from diagnostics.models import Environment


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
        gone = [link for link, wanted_name in links[name].items() if wanted_name is None]
        known[name] = apply_target(actor, environment, known.get(name), name, values, gone, trusted=trusted)
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
    actor: Actor,
    environment: Environment,
    row: Target | None,
    name: str,
    values: Values,
    gone: Collection[str],
    *,
    trusted: bool,
) -> Target:
    """One target, saved if anything differs. `gone`: links that it has no more; they must not be checked with the rest."""
    place = f"targets, {name[:60]}"
    given_secrets = values.pop("secrets", None)
    target = row or Target(environment=environment, name=name)
    known = read_secrets(target) if row else {}
    before = all_values_of(target, TARGET_FIELDS) if row else None
    ends = any(getattr(target, link) is not None for link in gone)
    set_values(target, TARGET_FIELDS, values, place)
    for link in gone:
        setattr(target, link, None)
    if row is not None and before is not None and before["kind"] != target.kind:
        raise DocumentError(f"{place}: kind: a target's kind cannot be changed; give the new one another name")
    secrets = read_references(given_secrets, known, place, trusted=trusted)
    check_row(target, place, exclude=TARGET_LINKS)
    if problems := check_target(target.kind, target.config, secrets):
        raise DocumentError(f"{place}: {' '.join(problems)}")
    if ends or before != all_values_of(target, TARGET_FIELDS) or secrets != known:
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
