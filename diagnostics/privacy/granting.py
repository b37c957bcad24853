"""Giving and taking roles: who may, and that it is written down. The admin and the access page both come here."""

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
    check_granting(giver, person, environment, role)
    check_reach(giver, person, environment, expires_at)
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


def check_granting(giver: Person, person: User, environment: Environment, role: str) -> None:
    """NotYoursToGrantError, with the reason."""
    if person.is_superuser and not is_almighty(giver):
        raise NotYoursToGrantError("person: a superuser's roles are a superuser's matter")
    if role not in grantable_roles(giver, environment):
        raise NotYoursToGrantError("role: you can give and take the roles that hold no more than yours")


def check_reach(giver: Person, person: Person, environment: Environment, expires_at: datetime | None) -> None:
    """NotYoursToGrantError: nobody gives to themselves, nor for longer than they may give at all."""
    if is_almighty(giver):
        return
    if person.pk == giver.pk:
        raise NotYoursToGrantError("person: somebody else has to give you what you do not have for good")
    ends = end_of(giver, environment)
    if ends is not None and (expires_at is None or expires_at > ends):
        raise NotYoursToGrantError(f"until: your own role ends at {ends:%Y-%m-%d %H:%M} UTC; choose a moment before")


def end_of(giver: Person, environment: Environment) -> datetime | None:
    """When the giver's right to give there is over; None: it stays."""
    held = {"content_object": environment, "permission__codename": Perm.MANAGE_ACCESS.value}
    own = EnvironmentUserGrant.objects.filter(**held, user_id=giver.pk).values_list("expires_at", flat=True)
    by_group = EnvironmentGroupGrant.objects.filter(**held, group__user=giver.pk).values_list("expires_at", flat=True)
    ends = [*own, *by_group]
    return None if None in ends else max(filter(None, ends), default=None)
