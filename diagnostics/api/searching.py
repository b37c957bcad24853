"""What lists over large tables share: one environment, bounded in time and size, found by parameters of the address or, so that
a raw user id stays out of logs of proxies, of a body."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.http import urlencode
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from diagnostics.core.access import access_environment
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from diagnostics.privacy.pseudonyms import stand_in
from diagnostics.search.filters import RANGES
from diagnostics.search.people import without_raw_ids

ENVIRONMENT: Final = OpenApiParameter("environment", str, required=True, description="Slug.")
IN_EITHER: Final = OpenApiParameter("environment", str, description="Slug; or in the body.")
POST_IT: Final = (
    "A pseudonym (`user_key`). A user id works too, but addresses stay in logs of proxies: POST it to "
    "/api/v1/{}/search."
)


def page_parameters(range_help: str, limit_help: str) -> list[OpenApiParameter]:
    """The time, and the place in the list."""
    return [
        OpenApiParameter("range", str, enum=list(RANGES), description=range_help),
        OpenApiParameter("since", str, description="RFC 3339."),
        OpenApiParameter("until", str, description="RFC 3339."),
        OpenApiParameter("cursor", str, description="From `next` of the page before."),
        OpenApiParameter("limit", int, description=limit_help),
    ]


class Paged(CursorPagination):
    """For the schema alone: the page's shape (`next`, `previous`, `results`) is this one's."""


class EnvironmentView(GenericAPIView[Any]):
    """What is asked of one environment."""

    needed_perm: Perm = Perm.VIEW_LOGS

    def environment(self, named: str = "") -> Environment:
        """The environment that the body or the address names; 404 both when it is missing and when it is not theirs."""
        slug = named or self.request.query_params.get("environment")
        if not slug:
            raise ValidationError({"environment": ["Name an environment by its slug."]})
        return access_environment(self.request.user, slug, self.needed_perm)


class PageView(EnvironmentView):
    """A page of a list. `line` names the query line's parameter, which may name a person as `user` does."""

    pagination_class = Paged
    list_name = ""
    line = ""

    def answer(
        self, environment: Environment, params: Mapping[str, str], rows: Sequence[Any], cursor: str = ""
    ) -> Response:
        """The page; `next` leads on without a raw user id, and is null behind the last."""
        following = None
        if cursor:
            named = without_raw_ids(params, lambda typed: stand_in(environment, typed), self.line)
            following = self.request.build_absolute_uri(
                f"{reverse(self.list_name)}?{urlencode({**named, 'cursor': cursor})}"
            )
        return Response({"next": following, "previous": None, "results": self.get_serializer(rows, many=True).data})


class SearchBody(serializers.Serializer[Any]):
    """The same as in an address."""

    environment = serializers.CharField(required=False, help_text="Slug; or in the address.")
    range = serializers.ChoiceField(choices=list(RANGES), required=False)
    since = serializers.CharField(required=False)
    until = serializers.CharField(required=False)
    cursor = serializers.CharField(required=False)


def posted_params(request: Request, body: serializers.Serializer[Any]) -> dict[str, str]:
    """Those of the address, and of the body over them."""
    body.is_valid(raise_exception=True)
    return {**request.query_params.dict(), **{name: str(value) for name, value in body.validated_data.items()}}


def read_limit(params: Mapping[str, str], usual: int, most: int) -> int:
    """Rows a page; ValueError names the field and its bounds."""
    text = params.get("limit", str(usual))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise ValueError(f"limit: use a number from 1 to {most}")
    return int(text)
