"""The one door to environment data: every page, API call, socket, admin list and export asks here.

Grants are django-guardian's rows with direct foreign keys (`EnvironmentUserGrant`, `EnvironmentGroupGrant`); who may do
what is read from them nowhere else, and an expired one counts for nothing. Forbidden and missing answer alike. Allowed
environments are a subquery, so that a list costs one statement however many environments there are. An active
superuser may do everything; an inactive user nothing, whatever rows are left. Who comes with a token is cut down to the
token's scope, superusers too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Model, Q, QuerySet
from django.http import Http404

from diagnostics.core import clock
from diagnostics.core.permissions import Perm

if TYPE_CHECKING:
    from diagnostics.models import Environment

Row = TypeVar("Row", bound=Model)
Person = AbstractBaseUser | AnonymousUser
PERM_NAMES = frozenset(perm.value for perm in Perm)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person is cut down to by the token that they came with."""

    perms: frozenset[str] | None = None  # None: all that the person holds
    environment_id: int | None = None  # None: all that the person may see
    token: str = ""  # how the token is recognised in the audit trail

    @property
    def is_unbounded(self) -> bool:
        """Whether it cuts nothing away."""
        return self.perms is None and self.environment_id is None

    def codenames(self, perm: Perm | None) -> frozenset[str] | None:
        """The permissions of which one is wanted (None: any at all); empty when the scope leaves none."""
        if perm is None:
            return self.perms
        return frozenset({perm.value}) if self.perms is None or perm in self.perms else frozenset()


UNBOUNDED = Scope()


def scope_of(person: Person) -> Scope:
    """The scope of who came with a token (`narrow` set it); unbounded for all others."""
    scope: Scope = getattr(person, "access_scope", UNBOUNDED)
    return scope


def token_of(person: Person) -> str:
    """The token that the person came with, for the audit trail; empty for who signed in."""
    return scope_of(person).token


def narrow(person: Person, scope: Scope) -> None:
    """Cut the person down to a scope, for as long as this object lives: one request."""
    person.access_scope = scope  # type: ignore[union-attr]


def environments() -> "QuerySet[Environment]":
    """All environments, unrestricted: for this module and for code that acts for the system itself."""
    found: QuerySet[Environment] = apps.get_model("diagnostics", "Environment")._default_manager.all()
    return found


def grants(model: str) -> QuerySet[Model]:
    """The rows that hold who may do what, without those whose time is over."""
    found: QuerySet[Model] = apps.get_model("diagnostics", model)._default_manager.all()
    return found.filter(Q(expires_at=None) | Q(expires_at__gt=clock.now()))


def visible_environments(person: Person, perm: Perm | None = None) -> "QuerySet[Environment]":
    """The environments in which the person holds `perm` (any permission, when None). One statement."""
    found, scope = environments(), scope_of(person)
    names = scope.codenames(perm)
    if not (person.is_authenticated and person.is_active) or names == frozenset():
        return found.none()
    if scope.environment_id is not None:
        found = found.filter(pk=scope.environment_id)
    if is_almighty(person):
        return found
    return found.filter(Q(pk__in=user_grants(person, names)) | Q(pk__in=group_grants(person, names)))


def user_grants(person: Person, names: frozenset[str] | None) -> "QuerySet[Model, int]":
    """Subquery: ids of environments granted to the person directly."""
    rows = grants("EnvironmentUserGrant").filter(user=person)
    return with_any(rows, names).values_list("content_object_id")


def group_grants(person: Person, names: frozenset[str] | None) -> "QuerySet[Model, int]":
    """Subquery: ids of environments granted to a group that the person is in."""
    rows = grants("EnvironmentGroupGrant").filter(group__user=person)
    return with_any(rows, names).values_list("content_object_id")


def with_any(rows: "QuerySet[Row]", names: frozenset[str] | None) -> "QuerySet[Row]":
    """Grants of one of these permissions; of any, when None."""
    return rows if names is None else rows.filter(permission__codename__in=sorted(names))


def visible(rows: "QuerySet[Row]", person: Person, perm: Perm, path: str = "environment") -> "QuerySet[Row]":
    """`rows` cut to the environments in which the person holds `perm`; `path` leads from a row to its environment."""
    if is_almighty(person) and scope_of(person).is_unbounded:
        return rows
    return rows.filter(**{f"{path}__in": visible_environments(person, perm)})


def has_perm(person: Person, environment: "Environment", perm: Perm) -> bool:
    """Whether the person holds `perm` in the environment, asked of the database now (no cache to go stale)."""
    return visible_environments(person, perm).filter(pk=environment.pk).exists()


def held_perms(person: Person, environment: "Environment") -> set[Perm]:
    """All that the person may do in the environment; for menus and buttons, in one statement."""
    return perms_by_environment(person, [environment])[environment.pk]


def perms_by_environment(person: Person, wanted: "Iterable[Environment]") -> dict[int, set[Perm]]:
    """Environment id -> all that the person may do there, of the environments given; in one statement."""
    found: dict[int, set[Perm]] = {environment.pk: set() for environment in wanted}
    scope = scope_of(person)
    if is_almighty(person):
        everything = {Perm(name) for name in PERM_NAMES if scope.perms is None or name in scope.perms}
        return {pk: set(everything) if scope.environment_id in (None, pk) else set() for pk in found}
    for pk, perm in granted(person, content_object__in=list(found)):
        found[pk].add(perm)
    return found


def perms_anywhere(person: Person) -> set[Perm]:
    """All that the person may do in some environment or other; for menus, in one statement."""
    if is_almighty(person):
        return {perm for perm in Perm if scope_of(person).codenames(perm)}
    return {perm for _, perm in granted(person)}


def people_with(environment: "Environment", perm: Perm) -> "QuerySet[User]":
    """Active people who hold `perm` in the environment now, superusers with them: to choose from, in one statement."""
    held = {"content_object": environment, "permission__codename": perm.value}
    own = grants("EnvironmentUserGrant").filter(**held).values_list("user_id")
    by_group = grants("EnvironmentGroupGrant").filter(**held).values_list("group_id")
    people = User.objects.filter(Q(is_superuser=True) | Q(pk__in=own) | Q(groups__in=by_group), is_active=True)
    return people.distinct().order_by("username")


def is_almighty(person: Person) -> bool:
    """An active superuser."""
    return bool(person.is_authenticated and person.is_active and getattr(person, "is_superuser", False))


def granted(person: Person, **where: object) -> list[tuple[int, Perm]]:
    """(environment id, permission) of what is granted to the person, by themselves or by a group; nothing to inactive ones."""
    if not (person.is_authenticated and person.is_active):
        return []
    scope = scope_of(person)
    if scope.environment_id is not None:
        where = {**where, "content_object_id": scope.environment_id}
    columns = ("content_object_id", "permission__codename")
    own = with_any(grants("EnvironmentUserGrant").filter(user=person, **where), scope.perms).values_list(*columns)
    by_group = with_any(grants("EnvironmentGroupGrant").filter(group__user=person, **where), scope.perms)
    return [(pk, Perm(name)) for pk, name in own.union(by_group.values_list(*columns)) if name in PERM_NAMES]


def access_environment(person: Person, slug: str, *perms: Perm) -> "Environment":
    """The environment, or 404 both when it is missing and when the person holds none of `perms` in it."""
    found = next((row for perm in perms if (row := visible_environments(person, perm).filter(slug=slug).first())), None)
    if found is None:
        raise Http404("There is no such environment, or it is not yours to see.")
    return found


def access_row(rows: "QuerySet[Row]", person: Person, perm: Perm, path: str = "environment", **key: object) -> "Row":
    """One row by its key, or 404 both when it is missing and when it is not the person's to see."""
    found = visible(rows, person, perm, path).filter(**key).first()
    if found is None:
        raise Http404("There is no such entry, or it is not yours to see.")
    return found
