"""Accepting a suggestion changes rules as people do: audited, with before and after. Dismissing keeps it away for weeks."""

from collections.abc import Callable
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction

from alerts.backtest.variants import limit_of, variant
from alerts.changes import save_rule
from alerts.models import AlertRule, Suggestion, Target
from alerts.models.rule import split_names
from alerts.muting import end_of, mute_rule
from alerts.suggestions.draft import rule_from
from alerts.suggestions.keep import expire
from diagnostics.core import clock
from diagnostics.core.access import Person
from diagnostics.privacy.audit import record_event
from diagnostics.privacy.changes import tracked_change

State = Suggestion.State
Kind = Suggestion.Kind

VERBS: Final[dict[str, str]] = {State.ACCEPTED: "accept", State.DISMISSED: "dismiss", State.UNDONE: "undo"}
LONGEST_LIST: Final = 2_000  # characters of the services that a rule leaves out


class NotPossibleError(Exception):
    """Why it cannot be decided now, in words."""


def accept_suggestion(person: Person, suggestion: Suggestion, revision: int | None = None) -> AlertRule:
    """Do what it proposes, all of it or nothing; the rule that was made or changed."""
    with transaction.atomic():
        row = take(suggestion, revision)
        try:
            rule = ACTS[row.kind](person, row)
        except ValidationError as error:
            raise NotPossibleError(f"The rule does not fit any more: {' '.join(error.messages)}") from None
        decide(person, row, State.ACCEPTED, rule)
        # What else was proposed about these rules was true of them as they were.
        changed = [rule.pk, *row.change.get("leaves", [])]
        expire(Suggestion.objects.filter(environment=row.environment, rule__in=changed), clock.now())
        return rule


def dismiss_suggestion(person: Person, suggestion: Suggestion) -> None:
    """Not this one, and not again for six weeks."""
    with transaction.atomic():
        decide(person, take(suggestion, None), State.DISMISSED, None)


def take(suggestion: Suggestion, revision: int | None) -> Suggestion:
    """The row, locked and open, as the person saw it."""
    row = Suggestion.objects.select_for_update(of=("self",)).select_related("environment").get(pk=suggestion.pk)
    if not row.is_open:
        who = f" by {row.decided_by}" if row.decided_by else ""
        raise NotPossibleError(f"This suggestion was {row.get_state_display().lower()}{who} already.")
    if revision is not None and revision != row.revision:
        raise NotPossibleError("A newer look has changed this suggestion meanwhile: look at it again.")
    return row


def decide(person: Person, row: Suggestion, state: str, rule: AlertRule | None) -> None:
    """Who and when."""
    row.state, row.decided_at, row.decided_by_id, row.outcome = state, clock.now(), person.pk, rule
    row.save(update_fields=["state", "decided_at", "decided_by", "outcome", "change"])
    record_event(
        person, f"suggestion.{VERBS[state]}", f"suggestion {row.pk} {row}", row.environment, of=row, kind=row.kind
    )


def make_rule(person: Person, row: Suggestion) -> AlertRule:
    """A new rule; those of all services leave the service to it."""
    rule = rule_from(row.change["values"])
    rule.environment, rule.slug = row.environment, free_slug(row.environment_id, rule.slug)
    rule.full_clean()
    with tracked_change(person, rule):
        save_rule(person, rule)
        rule.targets.set(Target.objects.filter(environment=row.environment, pk__in=row.change["targets"]))
    general = AlertRule.objects.select_related("environment").filter(environment=row.environment)
    for other in general.filter(pk__in=row.change["leaves"], service_name=""):
        leave_out(person, other, row.service_name)
    return rule


def leave_out(person: Person, rule: AlertRule, service_name: str) -> None:
    """The rule looks at the others only."""
    names = sorted({*split_names(rule.except_services), service_name})
    rule.except_services = ", ".join(names)
    if len(rule.except_services) > LONGEST_LIST or "," in service_name:
        raise NotPossibleError(f"{rule.name} cannot leave out one service more: give its services rules of their own.")
    rule.full_clean()
    save_rule(person, rule)


def change_limit(person: Person, row: Suggestion) -> AlertRule:
    """The limit that was tried, if the rule still is the one that was tried."""
    rule = rule_of(row)
    if limit_of(rule) != row.change["was"]:
        raise NotPossibleError(f"The limit of {rule.name} was changed meanwhile: the evidence is of another one.")
    before, other = limits_of(rule), variant(rule, row.change["limit"]).rule
    for name, value in limits_of(other).items():
        setattr(rule, name, value)
    rule.full_clean()
    save_rule(person, rule)
    row.change = {**row.change, "before": before, "after": limits_of(rule)}
    return rule


def limits_of(rule: AlertRule) -> dict[str, float | int | None]:
    """What another limit changes of a rule."""
    return {name: getattr(rule, name) for name in ("threshold", "recover_threshold", "window_minutes")}


def mute(person: Person, row: Suggestion) -> AlertRule:
    """For a week, with the reason; it tells again by itself."""
    rule, evidence = rule_of(row), row.evidence
    reason = (
        f"Suggested: {evidence['incidents']} incidents in {evidence['days']} days, {evidence['unacknowledged']} of them"
    )
    mute_rule(person, rule, end_of(row.change["span"], clock.now()), f"{reason} taken on by nobody")
    return rule


def rule_of(row: Suggestion) -> AlertRule:
    """The rule that it is about."""
    rule = AlertRule.objects.select_related("environment").filter(pk=row.rule_id or 0, enabled=True).first()
    if rule is None:
        raise NotPossibleError("Its rule was switched off or deleted meanwhile.")
    return rule


def free_slug(environment_id: int, wanted: str) -> str:
    """That no rule of the environment has."""
    taken = set(AlertRule.objects.filter(environment=environment_id).values_list("slug", flat=True))
    names = (wanted if number == 1 else f"{wanted[:50]}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


ACTS: Final[dict[str, Callable[[Person, Suggestion], AlertRule]]] = {
    Kind.THRESHOLD: make_rule,
    Kind.HEARTBEAT: make_rule,
    Kind.RETUNE: change_limit,
    Kind.MUTE: mute,
}
