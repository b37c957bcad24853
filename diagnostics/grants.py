"""Grants that end: a role until a moment, and the sweep that removes what is over.

`diagnostics.core.access` does not count expired grants, so the sweep only tidies up and writes down.
"""

from collections import defaultdict
from datetime import datetime
from itertools import groupby
from typing import Final

from django.contrib.auth.models import Permission, User
from django.db import transaction

from diagnostics.core import clock
from diagnostics.core.permissions import role_perms
from diagnostics.models import Environment, EnvironmentGroupGrant, EnvironmentUserGrant
from diagnostics.privacy.audit import record_event

AT_ONCE: Final = 500


def environment_permissions() -> dict[str, Permission]:
    """Codename -> Django's row, of the permissions that environments carry."""
    rows = Permission.objects.filter(content_type__app_label="diagnostics", content_type__model="environment")
    return {permission.codename: permission for permission in rows}


def grant_role_until(user: User, environment: Environment, role: str, expires_at: datetime, by: str) -> None:
    """The role's permissions, each as a row that ends; ValueError when the moment has passed."""
    if expires_at <= clock.now():
        raise ValueError("expires: choose a moment that is still to come")
    permissions = environment_permissions()
    EnvironmentUserGrant.objects.bulk_create(
        EnvironmentUserGrant(
            user=user, content_object=environment, permission=permissions[perm.value], role=role, expires_at=expires_at,
            granted_by=by,
        )
        for perm in role_perms(role, is_production=environment.is_production)
    )  # fmt: skip


def renew_temporary_roles(environment: Environment) -> None:
    """Roles that end hold what they hold today in an environment of this kind, as those for good do."""
    rows = EnvironmentUserGrant.objects.filter(content_object=environment, expires_at__gt=clock.now()).exclude(role="")
    held: dict[tuple[int, str, datetime | None, str], set[str]] = defaultdict(set)
    for user_id, role, ends, by, name in rows.values_list(
        "user_id", "role", "expires_at", "granted_by", "permission__codename"
    ):
        held[user_id, role, ends, by].add(name)
    permissions = environment_permissions()
    for (user_id, role, ends, by), names in held.items():
        wanted = {perm.value for perm in role_perms(role, is_production=environment.is_production)}
        rows.filter(user_id=user_id, role=role).exclude(permission__codename__in=wanted).delete()
        EnvironmentUserGrant.objects.bulk_create(
            [
                EnvironmentUserGrant(
                    user_id=user_id, content_object=environment, permission=permissions[name], role=role, expires_at=ends,
                    granted_by=by,
                )
                for name in sorted(wanted - names)
            ],
            ignore_conflicts=True,
        )  # fmt: skip


def drop_temporary_role(user: User, environment: Environment, role: str) -> None:
    """Take back a role that was to end later."""
    EnvironmentUserGrant.objects.filter(user=user, content_object=environment, role=role).delete()


def expire_grants() -> int:
    """Remove grants whose time is over and write each role, or single permission, down; how many rows."""
    return expire_user_grants() + expire_group_grants()


def expire_user_grants() -> int:
    """Of people."""
    with transaction.atomic():
        rows = list(
            EnvironmentUserGrant.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(expires_at__lte=clock.now())
            .select_related("user", "content_object", "permission")
            .order_by("user_id", "content_object_id", "role", "id")[:AT_ONCE]
        )
        for (_, _, role), several in groupby(rows, lambda row: (row.user_id, row.content_object_id, row.role)):
            grants = list(several)
            for subject in {role or grant.permission.codename for grant in grants}:
                record_event(None, "access.expire", f"{grants[0].user} {subject}", grants[0].content_object)
        EnvironmentUserGrant.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def expire_group_grants() -> int:
    """Of groups."""
    with transaction.atomic():
        rows = list(
            EnvironmentGroupGrant.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(expires_at__lte=clock.now())
            .select_related("group", "content_object", "permission")[:AT_ONCE]
        )
        for row in rows:
            record_event(None, "access.expire", f"{row.group} {row.permission.codename}", row.content_object)
        EnvironmentGroupGrant.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)
