"""Making and changing environments, and the roles that people hold in them."""

from datetime import datetime

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import transaction

from diagnostics.core.access import Person, is_almighty
from diagnostics.core.options import plugins
from diagnostics.core.permissions import ROLES, role_perms
from diagnostics.grants import (
    drop_temporary_role,
    environment_permissions,
    grant_role_until,
    renew_temporary_roles,
)
from diagnostics.models import Environment, EnvironmentGroupGrant
from diagnostics.privacy.changes import tracked_change
from diagnostics.privacy.pseudonyms import new_pseudonym_key


def create_environment(slug: str, name: str = "", kind: str = Environment.Kind.DEVELOPMENT) -> Environment:
    """A new environment, ready to work."""
    with transaction.atomic():
        environment = Environment(slug=slug, name=name or slug.replace("-", " ").capitalize(), kind=kind)
        environment.pseudonym_key = new_pseudonym_key()
        environment.full_clean()
        environment.save()
        furnish(environment)
        return environment


def save_environment(actor: Person, environment: Environment) -> None:
    """Save a changed (or new) environment with what it needs to work, and write down what changed. ValidationError when
    somebody but a superuser changes its kind: whoever may hold a role there must not choose what the role holds."""
    if not is_almighty(actor):
        before = Environment.objects.filter(pk=environment.pk).values_list("kind", flat=True).first()
        if before not in (None, environment.kind):
            raise ValidationError({"kind": "The kind decides what roles hold: only superusers change it."})
    with tracked_change(actor, environment):
        if environment.pk is None:
            environment.pseudonym_key = new_pseudonym_key()
        environment.save()
        furnish(environment)


def find_or_create_environment(slug: str, kind: str = Environment.Kind.DEVELOPMENT) -> Environment:
    """The environment with this slug; its kind is only used when it is made."""
    return Environment.objects.filter(slug=slug).first() or create_environment(slug, kind=kind)


def furnish(environment: Environment) -> None:
    """Give an environment what it needs to work (roles, rules, a first target), as the settings list it. Idempotent."""
    for give in plugins("FURNISHERS"):
        give(environment)


def role_group_name(environment: Environment, role: str) -> str:
    """The group that holds a role in an environment."""
    return f"{environment.slug}:{role}"


def ensure_role_groups(environment: Environment) -> None:
    """A group for each role, holding exactly the permissions that the role has today in an environment of this kind."""
    names = {role_group_name(environment, role): role for role in ROLES}
    Group.objects.bulk_create([Group(name=name) for name in names], ignore_conflicts=True)
    permissions = environment_permissions()
    wanted = {
        (group.pk, permissions[perm.value].pk)
        for group in Group.objects.filter(name__in=names)
        for perm in role_perms(names[group.name], is_production=environment.is_production)
    }
    grants = EnvironmentGroupGrant.objects.filter(group__name__in=names, content_object=environment)
    known = {(group, permission): pk for pk, group, permission in grants.values_list("pk", "group_id", "permission_id")}
    if gone := [pk for pair, pk in known.items() if pair not in wanted]:
        EnvironmentGroupGrant.objects.filter(pk__in=gone).delete()
    EnvironmentGroupGrant.objects.bulk_create(
        [
            EnvironmentGroupGrant(group_id=group, content_object=environment, permission_id=permission)
            for group, permission in sorted(wanted - known.keys())
        ],
        ignore_conflicts=True,
    )
    renew_temporary_roles(environment)


def grant_role(
    user: User, environment: Environment, role: str, expires_at: datetime | None = None, by: str = ""
) -> None:
    """Give a person a role in an environment, for good or until a moment; what was said last holds. ValueError names
    the roles there are."""
    group = role_group(environment, role)
    with transaction.atomic():
        drop_temporary_role(user, environment, role)
        if expires_at is None:
            group.user_set.add(user)
        else:
            group.user_set.remove(user)
            grant_role_until(user, environment, role, expires_at, by)


def withdraw_role(user: User, environment: Environment, role: str) -> None:
    """Take the role away; every door asks anew, so it holds at once."""
    role_group(environment, role).user_set.remove(user)
    drop_temporary_role(user, environment, role)


def role_group(environment: Environment, role: str) -> Group:
    """The group of a role that exists."""
    if role not in ROLES:
        raise ValueError(f"role: there is no '{role}'; use {', '.join(ROLES)}")
    return Group.objects.get(name=role_group_name(environment, role))
