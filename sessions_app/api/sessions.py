"""Sessions over the API. Their records: GET /api/v1/logs?environment=…&session=…"""

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers

from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.scoped import ENVIRONMENT_PARAMETER, ScopedViewSet
from diagnostics.core.access import visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.pseudonyms import user_keys_of
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
    """By the last sign of life."""

    time_field = "last_seen_at"


PEOPLE = 20  # environments whose keys are tried for a user id; name one to look into another


@extend_schema_view(
    list=extend_schema(
        parameters=[
            ENVIRONMENT_PARAMETER,
            OpenApiParameter("session", str, description="Session id."),
            OpenApiParameter("user", str, description="A user id, or its pseudonym."),
            OpenApiParameter("state", str, enum=["errors", "crashed"], description="Only sessions with trouble."),
        ]
    )
)
class SessionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Sessions, the last active first."""

    queryset = LogSession.objects.select_related("environment")
    serializer_class = SessionSerializer
    pagination_class = NewestActivityFirst
    read_perm = Perm.VIEW_SESSIONS
    lookup_value_regex = "[0-9]+"

    def is_of(self, typed: str) -> Q:
        """Sessions of a person, under the keys of the environments asked for; each such look-up is written down."""
        environments = visible_environments(self.request.user, self.read_perm)
        if slug := self.request.query_params.get("environment"):
            environments = environments.filter(slug=slug)
        found = Q(pk__in=[])
        for environment in environments[:PEOPLE]:
            note_lookup(self.request.user, environment, typed)
            found |= Q(environment=environment, user_key__in=user_keys_of(environment, typed))
        return found

    def get_queryset(self) -> QuerySet[LogSession]:
        """Cut to what is asked for."""
        rows = super().get_queryset()
        params = self.request.query_params
        if params.get("session"):
            rows = rows.filter(session_id=params["session"])
        if params.get("user"):
            rows = rows.filter(self.is_of(params["user"]))
        if params.get("state") == "errors":
            rows = rows.filter(errors__gt=0)
        return rows.filter(crashed=True) if params.get("state") == "crashed" else rows
