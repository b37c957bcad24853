"""Changes that people make to rules, targets and silences: each leaves an access event, none leaves an incident stuck."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import ValidationError

from alerts.evaluation.run import retire_rules
from alerts.integrations.registry import INTEGRATIONS
from alerts.models import AlertRule, Silence, Target
from alerts.targets import read_secrets, write_secrets
from diagnostics.privacy.audit import record_event
from diagnostics.privacy.changes import tracked_change

Actor = AbstractBaseUser | AnonymousUser | None  # None: the system itself
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
REMOVED: Final = "-"  # a secret that is to be forgotten


def note_change(actor: Actor, verb: str, row: AlertRule | Target | Silence) -> None:
    """The access event of an act that changes no field: a test, say."""
    kind = {"alertrule": "rule"}.get(row._meta.model_name or "", row._meta.model_name)
    record_event(actor, f"{kind}.{verb}", f"{kind} {row.pk} {row}", row.environment, of=row)


def save_rule(actor: Actor, rule: AlertRule) -> None:
    """Save a rule; one that is switched off resolves what it opened."""
    with tracked_change(actor, rule):
        rule.save()
        if not rule.enabled:
            retire_rules([rule])


def delete_rule(actor: Actor, rule: AlertRule) -> None:
    """Delete a rule; its incidents are resolved and stay as history."""
    with tracked_change(actor, rule):
        retire_rules([rule])
        rule.delete()


def save_silence(actor: Actor, silence: Silence) -> None:
    """Save a silence."""
    with tracked_change(actor, silence):
        silence.save()


def delete_silence(actor: Actor, silence: Silence) -> None:
    """Delete a silence."""
    with tracked_change(actor, silence):
        silence.delete()


def check_target(
    kind: str, config: dict[str, Any], secrets: dict[str, str], standing: Mapping[str, str] = NOTHING
) -> list[str]:
    """What is wrong with a target's configuration, in words. `standing`: secrets that are set already and stay."""
    integration = INTEGRATIONS.get(kind)
    if integration is None:
        return [f"There is no kind '{kind[:20]}'; use {', '.join(INTEGRATIONS)}."]
    known = {field.name for field in integration.fields}
    unknown = sorted({*config, *secrets} - known)
    if unknown:
        return [f"'{unknown[0][:40]}' is not a field of {integration.label}; use {', '.join(sorted(known)) or 'none'}."]
    misplaced = [field for field in integration.fields if field.name in (config if field.is_secret else secrets)]
    if misplaced:
        place = "secrets" if misplaced[0].is_secret else "config"
        return [f"{misplaced[0].label} belongs in {place}."]
    travelling = [field for field in integration.fields if field.travels and field.name in standing]
    if (
        "url" in secrets
        and secrets["url"] != standing.get("url")
        and any(each.name not in secrets for each in travelling)
    ):
        return [f"{travelling[0].label}: give it again, because it would be sent to another address than before."]
    kept = {**standing, **secrets}
    return integration.validate(config, {name: value for name, value in kept.items() if value != REMOVED})


def save_target(actor: Actor, target: Target, new_secrets: dict[str, str] | None = None) -> None:
    """Save a target; secrets that are given replace those of the same name, the others stay. Of secrets, the event
    says which were set, nothing else."""
    told: dict[str, Any] = {"secrets_set": sorted(new_secrets)} if new_secrets else {}
    with tracked_change(actor, target, **told):
        if new_secrets:
            kept = {**read_secrets(target), **new_secrets}
            write_secrets(target, {name: value for name, value in kept.items() if value != REMOVED})
        if target.enabled:
            target.disabled_reason = ""
        target.save()


def only_told_by(targets: Collection[Target]) -> list[AlertRule]:
    """Rules that name some of these targets and no other: without them they would tell all of their environment."""
    environments = {target.environment_id for target in targets}
    naming = AlertRule.objects.filter(targets__in=targets, environment__in=environments).exclude(
        pk__in=AlertRule.targets.through.objects.exclude(target__in=targets).values("alertrule")
    )
    return list(naming.distinct().order_by("name", "pk"))


def refuse_last(rules: Collection[AlertRule]) -> str:
    """Why targets may not go, and the way out."""
    names = ", ".join(f"'{rule.name}'" for rule in rules)
    said, each = (f"rule {names} names", "it") if len(rules) == 1 else (f"rules {names} name", "each")
    return (
        f"The {said} no other target and would tell all of the environment: "
        f"name another target in {each} first, or none."
    )


def delete_target(actor: Actor, target: Target) -> None:
    """Delete a target and what is still to be sent to it; not the last one of a rule."""
    if rules := only_told_by([target]):
        raise ValidationError(refuse_last(rules))
    with tracked_change(actor, target):
        target.delete()
