"""Who may do what in an environment, and through which grant: what the access page shows.

For people to read. What decides is `diagnostics.core.access`; a test holds the two together.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from diagnostics.core.access import grants
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment, EnvironmentGroupGrant, EnvironmentUserGrant

SUPERUSER: Final = "superuser"


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody came to a permission: a role, a group, a grant of their own, or being a superuser."""

    kind: str  # "role", "group", "grant", "superuser"
    name: str
    expires_at: datetime | None = None
    granted_by: str = ""


@dataclass(slots=True)
class Holder:
    """One person and what they hold here."""

    person: User
    ways: dict[Perm, list[Way]] = field(default_factory=lambda: defaultdict(list))

    @property
    def grants(self) -> list[Way]:
        """Each way once, in the order in which they are read."""
        return sorted({way for ways in self.ways.values() for way in ways}, key=lambda way: (way.kind, way.name))


def holders(environment: Environment) -> "QuerySet[User]":
    """Active people who hold anything here, by name."""
    groups = grants("EnvironmentGroupGrant").filter(content_object=environment).values("group_id")
    own = grants("EnvironmentUserGrant").filter(content_object=environment).values("user_id")
    people = User.objects.filter(Q(groups__in=groups) | Q(pk__in=own) | Q(is_superuser=True), is_active=True)
    return people.distinct().order_by("username")


def holders_of(environment: Environment, perm: Perm) -> "QuerySet[User]":
    """Active people who hold this permission here, by name."""
    here = {"content_object": environment, "permission__codename": perm.value}
    groups = grants("EnvironmentGroupGrant").filter(**here).values("group_id")
    own = grants("EnvironmentUserGrant").filter(**here).values("user_id")
    people = User.objects.filter(Q(groups__in=groups) | Q(pk__in=own) | Q(is_superuser=True), is_active=True)
    return people.distinct().order_by("username")


def explain_holders(environment: Environment, people: Iterable[User]) -> list[Holder]:
    """What each of these people holds, with the ways; three statements, however many people."""
    found = {person.pk: Holder(person) for person in people}
    for holder in found.values():
        if holder.person.is_superuser and holder.person.is_active:
            for perm in Perm:
                holder.ways[perm].append(Way(SUPERUSER, SUPERUSER))
    for user_id, perm, way in [*group_ways(environment, found), *own_ways(environment, found)]:
        if found[user_id].person.is_active:
            found[user_id].ways[perm].append(way)
    return list(found.values())


def group_ways(environment: Environment, people: Iterable[int]) -> list[tuple[int, Perm, Way]]:
    """Through roles and other groups."""
    members = User.groups.through.objects.filter(user_id__in=list(people)).values_list("user_id", "group_id")
    groups = defaultdict(list)
    for user_id, group_id in members:
        groups[group_id].append(user_id)
    rows = grants("EnvironmentGroupGrant").filter(content_object=environment, group_id__in=list(groups))
    found = []
    for row in rows.select_related("group", "permission"):
        assert isinstance(row, EnvironmentGroupGrant)  # of that table
        slug, _, role = row.group.name.partition(":")
        is_role = slug == environment.slug and bool(role)
        way = Way("role" if is_role else "group", role if is_role else row.group.name, row.expires_at, row.granted_by)
        found += [(user_id, Perm(row.permission.codename), way) for user_id in groups[row.group_id]]
    return found


def own_ways(environment: Environment, people: Iterable[int]) -> list[tuple[int, Perm, Way]]:
    """Through grants to the person: roles that end, and single permissions."""
    rows = grants("EnvironmentUserGrant").filter(content_object=environment, user_id__in=list(people))
    found = []
    for row in rows.select_related("permission"):
        assert isinstance(row, EnvironmentUserGrant)  # of that table
        kind, name = ("role", row.role) if row.role else ("grant", row.permission.codename)
        found.append((row.user_id, Perm(row.permission.codename), Way(kind, name, row.expires_at, row.granted_by)))
    return found
