"""Giving and taking roles: who may, and that it is written down. The admin and the access page both come here."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from diagnostics.core.access import Person, held_perms, is_almighty
from diagnostics.core.permissions import ROLES, Perm, role_perms
from diagnostics.environments import grant_role, withdraw_role
from diagnostics.models import Environment, EnvironmentGroupGrant, EnvironmentUserGrant
from diagnostics.privacy.audit import record_event


class NotYoursToGrantError(ValueError):
    """A role that holds more than the giver does, or a person whom only superusers change."""


def grantable_roles(person: Person, environment: Environment) -> list[str]:
    """Roles that hold nothing beyond what the person holds there; none for who does not manage access."""
    held = held_perms(person, environment)
    if Perm.MANAGE_ACCESS not in held:
        return []
    is_production = environment.is_production
    return [role for role in ROLES if held.issuperset(role_perms(role, is_production=is_production))]


def give_role(
    giver: Person, person: User, environment: Environment, role: str, expires_at: datetime | None = None
) -> None:
    """A role for good, or until a moment; ValueError when it cannot be."""
    check_giving(giver, person, environment, role, expires_at)
    with transaction.atomic():
        until = expires_at.isoformat() if expires_at else None
        record_event(giver, "access.grant", f"{person} {role}", environment, expires_at=until)
        grant_role(person, environment, role, expires_at, by=str(giver)[:150])


def take_role(giver: Person, person: User, environment: Environment, role: str) -> None:
    """The role goes, with whatever way it was given."""
    check_granting(giver, person, environment, role)
    with transaction.atomic():
        record_event(giver, "access.withdraw", f"{person} {role}", environment)
        withdraw_role(person, environment, role)


def check_giving(giver: Person, person: User, environment: Environment, role: str, expires_at: datetime | None) -> None:
    """NotYoursToGrantError, with the reason."""
    check_granting(giver, person, environment, role)
    check_reach(giver, person, environment, role_perms(role, is_production=environment.is_production), expires_at)


def check_granting(giver: Person, person: User, environment: Environment, role: str) -> None:
    """NotYoursToGrantError, with the reason."""
    if person.is_superuser and not is_almighty(giver):
        raise NotYoursToGrantError("person: a superuser's roles are a superuser's matter")
    if role not in grantable_roles(giver, environment):
        raise NotYoursToGrantError("role: you can give and take the roles that hold no more than yours")


def check_reach(
    giver: Person, person: Person, environment: Environment, perms: Iterable[Perm], expires_at: datetime | None
) -> None:
    """NotYoursToGrantError: nobody gives to themselves, nor for longer than they may give and hold what they give."""
    if is_almighty(giver):
        return
    if person.pk == giver.pk:
        raise NotYoursToGrantError("person: somebody else has to give you what you do not have for good")
    ending = ends_of(giver, environment, {Perm.MANAGE_ACCESS, *perms})
    if not ending:
        return
    perm = min(ending, key=lambda name: (ending[name], name))
    if expires_at is None or expires_at > ending[perm]:
        raise NotYoursToGrantError(
            f"until: your own role ends at {ending[perm]:%Y-%m-%d %H:%M} UTC, and {perm} with it; choose a moment before"
        )


def ends_of(giver: Person, environment: Environment, perms: Iterable[Perm]) -> dict[str, datetime]:
    """Which of the giver's permissions there end, and when the last grant of each does; those that stay are left out."""
    held = {"content_object": environment, "permission__codename__in": [perm.value for perm in perms]}
    columns = ("permission__codename", "expires_at")
    own = EnvironmentUserGrant.objects.filter(**held, user_id=giver.pk).values_list(*columns)
    by_group = EnvironmentGroupGrant.objects.filter(**held, group__user=giver.pk).values_list(*columns)
    ends: dict[str, list[datetime | None]] = {}
    for name, end in [*own, *by_group]:
        ends.setdefault(name, []).append(end)
    return {name: max(filter(None, found)) for name, found in ends.items() if None not in found}
