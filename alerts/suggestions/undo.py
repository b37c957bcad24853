"""Taking back what accepting a suggestion did, as long as nobody has changed it since; audited as every change is."""

from collections.abc import Callable
from typing import Final

from django.db import transaction

from alerts.as_code.export import RULE_FIELDS
from alerts.as_code.fields import all_values_of
from alerts.changes import delete_rule, save_rule
from alerts.models import AlertRule, Suggestion
from alerts.models.rule import split_names
from alerts.muting import is_muted, unmute_rule
from alerts.suggestions.decide import NotPossibleError, decide, limits_of
from diagnostics.core.access import Person

State = Suggestion.State
Kind = Suggestion.Kind


def undo_suggestion(person: Person, suggestion: Suggestion) -> str:
    """All of it or nothing; what was done, in words."""
    with transaction.atomic():
        row = Suggestion.objects.select_for_update(of=("self",)).select_related("environment").get(pk=suggestion.pk)
        if row.state != State.ACCEPTED:
            raise NotPossibleError("Only what was accepted can be undone, and only once.")
        done = ACTS[row.kind](person, row)
        decide(person, row, State.UNDONE, row.outcome if row.kind in (Kind.RETUNE, Kind.MUTE) else None)
        return done


def remove_rule(person: Person, row: Suggestion) -> str:
    """The rule that was made goes; those of all services look at the service again."""
    rule = rule_of(row)
    made = {name: value for name, value in row.change["values"].items() if name != "slug"}
    if {name: value for name, value in all_values_of(rule, RULE_FIELDS).items() if name in made} != made:
        raise NotPossibleError(f"{rule.name} was changed since: delete it in its form, if it is not wanted.")
    delete_rule(person, rule)
    for other in AlertRule.objects.filter(environment=row.environment, pk__in=row.change["leaves"]):
        take_in(person, other, row.service_name)
    again = f" The rules of all services look at {row.service_name} as before." if row.change["leaves"] else ""
    return f"{rule.name} was deleted.{again}"


def take_in(person: Person, rule: AlertRule, service_name: str) -> None:
    """The rule looks at the service again, if it does not already."""
    names = split_names(rule.except_services)
    if service_name in names:
        rule.except_services = ", ".join(name for name in names if name != service_name)
        save_rule(person, rule)


def restore_limit(person: Person, row: Suggestion) -> str:
    """The limit that was there."""
    rule, before, after = rule_of(row), row.change.get("before"), row.change.get("after")
    if before is None or after != limits_of(rule):
        raise NotPossibleError(f"The limit of {rule.name} was changed since: it stays.")
    for name, value in before.items():
        setattr(rule, name, value)
    save_rule(person, rule)
    return f"{rule.name} has its earlier limit again."


def unmute(person: Person, row: Suggestion) -> str:
    """It tells again from now on."""
    rule = rule_of(row)
    if not is_muted(rule):
        raise NotPossibleError(f"{rule.name} is not muted any more.")
    unmute_rule(person, rule)
    return f"{rule.name} tells again from now on."


def rule_of(row: Suggestion) -> AlertRule:
    """The rule that was made or changed."""
    rule = AlertRule.objects.select_related("environment").filter(pk=row.outcome_id or 0).first()
    if rule is None:
        raise NotPossibleError("Its rule was deleted meanwhile.")
    return rule


ACTS: Final[dict[str, Callable[[Person, Suggestion], str]]] = {
    Kind.THRESHOLD: remove_rule,
    Kind.HEARTBEAT: remove_rule,
    Kind.RETUNE: restore_limit,
    Kind.MUTE: unmute,
}
