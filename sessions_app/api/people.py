"""Lists of what people did, sessions and journeys: by the last sign of life, cut to a person without their id in an address."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from drf_spectacular.utils import OpenApiParameter
from rest_framework import mixins, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.scoped import ENVIRONMENT_PARAMETER, ScopedViewSet, read_choice
from diagnostics.api.searching import POST_IT
from diagnostics.core.access import access_environment, visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.pseudonyms import stand_in, user_keys_of

PEOPLE: Final = 20  # environments whose keys are tried for a user id; name one to look into another
STATES: Final = ("errors", "crashed")


def people_parameters(named: str, by_service: str) -> list[OpenApiParameter]:
    """Of the list named so, in its address."""
    return [
        ENVIRONMENT_PARAMETER,
        OpenApiParameter("user", str, description=POST_IT.format(named)),
        OpenApiParameter("service", str, description=by_service),
        OpenApiParameter("state", str, enum=list(STATES), description=f"Only {named} with trouble."),
    ]


class PeopleSearchBody(serializers.Serializer[Any]):
    """The same as in an address."""

    environment = serializers.CharField(required=False, help_text="Slug; or in the address.")
    user = serializers.CharField(required=False, max_length=400, help_text="A user id, or its pseudonym.")
    service = serializers.CharField(required=False, max_length=200, help_text="One that took part.")
    state = serializers.ChoiceField(required=False, choices=STATES, help_text="Only those with trouble.")
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=200, help_text="Rows a page; 50 when not given."
    )
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=200, help_text="The older name of limit."
    )


class NewestActivityFirst(TimeCursorPagination):
    """By the last sign of life. Its addresses name people by their pseudonyms, whatever was asked."""

    time_field = "last_seen_at"
    list_name = ""
    shareable: Mapping[str, str] = MappingProxyType({})
    posted_size = 0

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """One page of what the view was asked for."""
        self.shareable, self.list_name = view.shareable(), view.list_name
        self.posted_size = int(view.posted.get("limit") or view.posted.get("page_size") or 0)
        return super().paginate_queryset(queryset, request, view)

    def get_page_size(self, request: Request) -> int | None:
        """From the body, where there is one."""
        return self.posted_size or super().get_page_size(request)

    def link(self, request: Request, cursor: str) -> str:
        """To the list, also from a search whose parameters were in its body."""
        return request.build_absolute_uri(
            f"{reverse(self.list_name)}?{urlencode({**self.shareable, 'cursor': cursor})}"
        )


class PeopleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Rows of people, the last active first. `condition_of` says which are whose."""

    pagination_class = NewestActivityFirst
    read_perm = Perm.VIEW_SESSIONS
    lookup_value_regex = "[0-9]+"
    list_name = ""
    posted: Mapping[str, str] = MappingProxyType({})

    def condition_of(self, keys: list[str]) -> Q:
        """Rows of somebody with these pseudonyms."""
        raise NotImplementedError

    def search_by(self, body: serializers.Serializer[Any]) -> Response:
        """The list with its parameters in the body: a user id in an address would stay in logs of proxies."""
        body.is_valid(raise_exception=True)
        self.posted = {name: str(value) for name, value in body.validated_data.items()}
        slug = self.asked.get("environment")
        if not slug:
            raise serializers.ValidationError({"environment": ["Name an environment by its slug."]})
        access_environment(self.request.user, slug, self.read_perm)
        return self.list(self.request)

    @property
    def asked(self) -> dict[str, str]:
        """What is looked for, wherever it stands."""
        return {**self.request.query_params.dict(), **self.posted}

    def environments(self) -> QuerySet[Environment]:
        """Those whose keys are tried for a person."""
        environments = visible_environments(self.request.user, self.read_perm)
        slug = self.asked.get("environment")
        return (environments.filter(slug=slug) if slug else environments)[:PEOPLE]

    def shareable(self) -> dict[str, str]:
        """The parameters as they may stand in an address."""
        asked = {name: value for name, value in self.asked.items() if name != "cursor"}
        if typed := asked.get("user"):
            names = [stand_in(environment, typed) for environment in self.environments()]
            asked["user"] = ",".join(dict.fromkeys(name for joined in names for name in joined.split(",")))
        return asked

    def is_of(self, typed: str) -> Q:
        """Rows of a person, under the keys of the environments asked for; each such look-up is written down."""
        found = Q(pk__in=[])
        for environment in self.environments():
            try:
                note_lookup(self.request.user, environment, typed)
            except ValueError as error:
                raise ValidationError({"detail": str(error)}) from error
            found |= Q(environment=environment) & self.condition_of(list(user_keys_of(environment, typed)))
        return found

    def get_queryset(self) -> QuerySet[Any]:
        """Cut to the environment and the person asked for."""
        rows, asked = super().get_queryset(), self.asked
        read_choice(asked, "state", STATES)
        if asked.get("environment"):
            rows = rows.filter(environment__slug=asked["environment"])
        return rows.filter(self.is_of(asked["user"])) if asked.get("user") else rows
