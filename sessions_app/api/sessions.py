"""Sessions over the API. Their records: GET /api/v1/logs?environment=…&session=…"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.scoped import ENVIRONMENT_PARAMETER, ScopedViewSet
from diagnostics.core.access import access_environment, visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.pseudonyms import stand_in, user_keys_of
from sessions_app.models import LogSession


class SessionSerializer(serializers.ModelSerializer[LogSession]):
    """The sums of a session."""

    environment = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    state = serializers.CharField(read_only=True)
    services = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = LogSession
        fields = (
            "id", "environment", "session_id", "state", "user_key", "started_at", "last_seen_at", "records", "spans",
            "warnings", "errors", "crashed", "services", "release", "geo_country", "geo_region", "device_type",
            "browser", "os",
        )  # fmt: skip
        read_only_fields = fields


class NewestActivityFirst(TimeCursorPagination):
    """By the last sign of life. Its addresses name people by their pseudonyms, whatever was asked."""

    time_field = "last_seen_at"
    shareable: Mapping[str, str] = MappingProxyType({})
    posted_size = 0

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """One page of what the view was asked for."""
        self.shareable = view.shareable()
        self.posted_size = int(view.posted.get("page_size", 0))
        return super().paginate_queryset(queryset, request, view)

    def get_page_size(self, request: Request) -> int | None:
        """From the body, where there is one."""
        return self.posted_size or super().get_page_size(request)

    def link(self, request: Request, cursor: str) -> str:
        """To the list, also from a search whose parameters were in its body."""
        return request.build_absolute_uri(
            f"{reverse('api-session-list')}?{urlencode({**self.shareable, 'cursor': cursor})}"
        )


PEOPLE = 20  # environments whose keys are tried for a user id; name one to look into another
STATES = ("errors", "crashed")
LIST_PARAMETERS = [
    ENVIRONMENT_PARAMETER,
    OpenApiParameter("session", str, description="Session id."),
    OpenApiParameter(
        "user", str, description="A pseudonym (`user_key`). A user id works too, but addresses stay in logs of proxies: "
        "POST it to /api/v1/sessions/search."
    ),
    OpenApiParameter("state", str, enum=list(STATES), description="Only sessions with trouble."),
]  # fmt: skip


class SessionSearchBody(serializers.Serializer[Any]):
    """The same as in an address."""

    environment = serializers.CharField(required=False, help_text="Slug; or in the address.")
    session = serializers.CharField(required=False, max_length=200, help_text="Session id.")
    user = serializers.CharField(required=False, max_length=400, help_text="A user id, or its pseudonym.")
    state = serializers.ChoiceField(required=False, choices=STATES, help_text="Only sessions with trouble.")
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=200)


@extend_schema_view(list=extend_schema(parameters=LIST_PARAMETERS))
class SessionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Sessions, the last active first."""

    queryset = LogSession.objects.select_related("environment")
    serializer_class = SessionSerializer
    pagination_class = NewestActivityFirst
    read_perm = Perm.VIEW_SESSIONS
    lookup_value_regex = "[0-9]+"
    posted: Mapping[str, str] = MappingProxyType({})

    @extend_schema(
        parameters=[OpenApiParameter("environment", str, description="Slug; or in the body.")],
        request=SessionSearchBody, responses=SessionSerializer(many=True), operation_id="sessions_search",
        summary="Search sessions for a person",
    )  # fmt: skip
    @action(detail=False, methods=["post"])
    def search(self, request: Request) -> Response:
        """The list with its parameters in the body: a user id in an address would stay in logs of proxies."""
        body = SessionSearchBody(data=request.data)
        body.is_valid(raise_exception=True)
        self.posted = {name: str(value) for name, value in body.validated_data.items()}
        slug = self.asked.get("environment")
        if not slug:
            raise serializers.ValidationError({"environment": ["Name an environment by its slug."]})
        access_environment(request.user, slug, self.read_perm)
        return self.list(request)

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
        """Sessions of a person, under the keys of the environments asked for; each such look-up is written down."""
        found = Q(pk__in=[])
        for environment in self.environments():
            note_lookup(self.request.user, environment, typed)
            found |= Q(environment=environment, user_key__in=user_keys_of(environment, typed))
        return found

    def get_queryset(self) -> QuerySet[LogSession]:
        """Cut to what is asked for."""
        rows, asked = super().get_queryset(), self.asked
        if asked.get("environment"):
            rows = rows.filter(environment__slug=asked["environment"])
        if asked.get("session"):
            rows = rows.filter(session_id=asked["session"])
        if asked.get("user"):
            rows = rows.filter(self.is_of(asked["user"]))
        if asked.get("state") == "errors":
            rows = rows.filter(errors__gt=0)
        return rows.filter(crashed=True) if asked.get("state") == "crashed" else rows
