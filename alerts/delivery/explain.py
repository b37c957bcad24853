"""Why somebody did or did not get an alert: each step on the way, from what was written down when it was taken."""

from dataclasses import dataclass, field

from django.contrib.auth.models import User

from alerts.delivery.kinds import ACTIONS
from alerts.models import Incident, Notification, Target
from diagnostics.core.access import has_perm
from diagnostics.core.permissions import Perm

State = Notification.State


@dataclass(frozen=True, slots=True)
class Step:
    """One step: it led on, or it did not."""

    text: str
    leads_on: bool


@dataclass(slots=True)
class Way:
    """The way to one target."""

    target: Target
    reaches: str  # whether, and how, the target reaches the person
    rows: list[Notification] = field(default_factory=list)
    note: str = ""


def explain_person(incident: Incident, person: User) -> list[Step]:
    """What holds for the person, whatever the target."""
    may_see = has_perm(person, incident.environment, Perm.VIEW_INCIDENTS)
    return [
        Step("The account is active." if person.is_active else "The account is switched off.", person.is_active),
        Step(
            f"{person.get_username()} {'may' if may_see else 'may not'} see incidents of {incident.environment.name}"
            f"{'' if may_see else ': neither inbox nor pages show them'}.",
            may_see,
        ),
    ]


def explain_ways(incident: Incident, person: User) -> list[Way]:
    """Every target of the environment, with what was decided and what came of it, in order."""
    may_see = has_perm(person, incident.environment, Perm.VIEW_INCIDENTS)
    targets = Target.objects.filter(environment_id=incident.environment_id).order_by("name")
    ways = {target.pk: Way(target, reach_of(target, person, may_see)) for target in targets}
    rows = incident.notifications.select_related("target", "event", "told_by", "fallback_of__target", "silence")
    for row in rows.prefetch_related("delivery_attempts").order_by("created_at", "pk"):
        ways[row.target_id].rows.append(row)
    for way in ways.values():
        way.note = "" if way.rows else note_of(incident, way.target)
    return list(ways.values())


def reach_of(target: Target, person: User, may_see: bool) -> str:
    """How a target reaches the person, as far as the product can know."""
    if target.kind == "inbox":
        return "reaches the person" if may_see else "does not reach the person"
    if person.email and any(person.email.lower() in str(value).lower() for value in target.config.values()):
        return "reaches the person"
    return "reaches whoever reads it"


def note_of(incident: Incident, target: Target) -> str:
    """Why a target has no row at all."""
    if incident.context.get("about_target") == target.pk:
        return "The incident is about this target: it cannot be told by it."
    if incident.opened_at < target.created_at:
        return "The target was made after the incident had opened."
    if target.kind in ACTIONS:
        return "A custom action runs for rules that name it, and for nothing else."
    if target.is_reserve:
        return "It is a reserve: rules that name it tell it, and those whose fallback or escalation it is."
    return "The rule names other targets."
