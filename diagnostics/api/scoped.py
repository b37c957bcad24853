"""The base of every API view: rows of environments in which the person holds the view's permission, and no others."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from diagnostics.core.access import access_environment, visible, visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment

ENVIRONMENT_PARAMETER = OpenApiParameter("environment", str, description="Slug; only this environment.")


class ScopedViewSet(GenericViewSet[Any]):
    """`read_perm` for safe methods, `write_perm` for the others. Forbidden and missing rows are both 404."""

    read_perm: Perm
    write_perm: Perm | None = None

    @property
    def needed_perm(self) -> Perm:
        """The permission that this request needs in the row's environment."""
        is_read = self.request.method in ("GET", "HEAD", "OPTIONS")
        return self.read_perm if is_read or self.write_perm is None else self.write_perm

    def get_queryset(self) -> QuerySet[Any]:
        """The rows that the person may see (or change), of one environment when the address names it; 404 for one that is
        none of theirs, as an empty list would say that all is well there."""
        slug = self.request.query_params.get("environment")
        if slug:
            return (
                super().get_queryset().filter(environment=access_environment(self.request.user, slug, self.needed_perm))
            )
        return visible(super().get_queryset(), self.request.user, self.needed_perm)


def read_choice(params: Mapping[str, str], name: str, choices: Iterable[str]) -> str:
    """One of these, or empty where the address has none; a 400 that names them for anything else."""
    value = params.get(name, "")
    known = list(choices)
    if value and value not in known:
        raise ValidationError({name: [f"Use one of {', '.join(known)}."]})
    return value


def named_environment(request: Request, perm: Perm, slug: object) -> Environment:
    """The environment that a request names; a 400 that does not tell forbidden from missing."""
    if not slug:
        raise ValidationError({"environment": ["Name an environment by its slug."]})
    wanted = slug if isinstance(slug, str) and slug.isascii() and slug.isprintable() else ""
    found = visible_environments(request.user, perm).filter(slug=wanted).first()
    if found is None:
        raise ValidationError({"environment": [f"There is no such environment, or you lack {perm.value} in it."]})
    return found
