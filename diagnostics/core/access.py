"""The one door to environment data: every page, API call, socket, admin list and export asks here.

Grants are django-guardian's rows with direct foreign keys (`EnvironmentUserGrant`, `EnvironmentGroupGrant`); they are
read nowhere else. Forbidden and missing answer alike. Allowed environments are a subquery, so
that a list costs one statement however many environments there are. An active superuser may do everything; an
inactive user nothing, whatever rows are left.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model, Q, QuerySet
from django.http import Http404

from diagnostics.core.permissions import Perm

if TYPE_CHECKING:
    from diagnostics.models import Environment

Row = TypeVar("Row", bound=Model)
Person = AbstractBaseUser | AnonymousUser
PERM_NAMES = frozenset(perm.value for perm in Perm)


def environments() -> "QuerySet[Environment]":
    """All environments, unrestricted: for this module and for code that acts for the system itself."""
    found: QuerySet[Environment] = apps.get_model("diagnostics", "Environment")._default_manager.all()
    return found


def grants(model: str) -> QuerySet[Model]:
    """The rows that hold who may do what."""
    found: QuerySet[Model] = apps.get_model("diagnostics", model)._default_manager.all()
    return found


def visible_environments(person: Person, perm: Perm | None = None) -> "QuerySet[Environment]":
    """The environments in which the person holds `perm` (any permission, when None). One statement."""
    everything = environments()
    if is_almighty(person):
        return everything
    if not (person.is_authenticated and person.is_active):
        return everything.none()
    return everything.filter(Q(pk__in=user_grants(person, perm)) | Q(pk__in=group_grants(person, perm)))


def user_grants(person: Person, perm: Perm | None) -> "QuerySet[Model, int]":
    """Subquery: ids of environments granted to the person directly."""
    rows = grants("EnvironmentUserGrant").filter(user=person)
    return (rows if perm is None else rows.filter(permission__codename=perm)).values_list("content_object_id")


def group_grants(person: Person, perm: Perm | None) -> "QuerySet[Model, int]":
    """Subquery: ids of environments granted to a group that the person is in."""
    rows = grants("EnvironmentGroupGrant").filter(group__user=person)
    return (rows if perm is None else rows.filter(permission__codename=perm)).values_list("content_object_id")


def visible(rows: "QuerySet[Row]", person: Person, perm: Perm, path: str = "environment") -> "QuerySet[Row]":
    """`rows` cut to the environments in which the person holds `perm`; `path` leads from a row to its environment."""
    if is_almighty(person):
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
    known = [environment.pk for environment in wanted]
    if is_almighty(person):
        return {pk: set(Perm) for pk in known}
    found: dict[int, set[Perm]] = {pk: set() for pk in known}
    for pk, perm in granted(person, content_object__in=known):
        found[pk].add(perm)
    return found


def perms_anywhere(person: Person) -> set[Perm]:
    """All that the person may do in some environment or other; for menus, in one statement."""
    return set(Perm) if is_almighty(person) else {perm for _, perm in granted(person)}


def is_almighty(person: Person) -> bool:
    """An active superuser."""
    return bool(person.is_authenticated and person.is_active and getattr(person, "is_superuser", False))


def granted(person: Person, **where: object) -> list[tuple[int, Perm]]:
    """(environment id, permission) of what is granted to the person, by themselves or by a group; nothing to inactive ones."""
    if not (person.is_authenticated and person.is_active):
        return []
    columns = ("content_object_id", "permission__codename")
    own = grants("EnvironmentUserGrant").filter(user=person, **where).values_list(*columns)
    by_group = grants("EnvironmentGroupGrant").filter(group__user=person, **where).values_list(*columns)
    return [(pk, Perm(name)) for pk, name in own.union(by_group) if name in PERM_NAMES]


def access_environment(person: Person, slug: str, perm: Perm) -> "Environment":
    """The environment, or 404 both when it is missing and when the person does not hold `perm` in it."""
    found = visible_environments(person, perm).filter(slug=slug).first()
    if found is None:
        raise Http404("There is no such environment, or it is not yours to see.")
    return found


def access_row(rows: "QuerySet[Row]", person: Person, perm: Perm, path: str = "environment", **key: object) -> "Row":
    """One row by its key, or 404 both when it is missing and when it is not the person's to see."""
    found = visible(rows, person, perm, path).filter(**key).first()
    if found is None:
        raise Http404("There is no such entry, or it is not yours to see.")
    return found
