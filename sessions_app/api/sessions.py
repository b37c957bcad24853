"""Sessions over the API. Their records: GET /api/v1/logs?environment=…&session=…"""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers

from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.scoped import ENVIRONMENT_PARAMETER, ScopedViewSet
from diagnostics.core.permissions import Perm
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


FILTERS = {"session": "session_id", "user": "user_key"}


@extend_schema_view(
    list=extend_schema(
        parameters=[
            ENVIRONMENT_PARAMETER,
            OpenApiParameter("session", str, description="Session id."),
            OpenApiParameter("user", str, description="The user's pseudonym."),
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

    def get_queryset(self) -> QuerySet[LogSession]:
        """Cut to what is asked for."""
        rows = super().get_queryset()
        params = self.request.query_params
        for name, column in FILTERS.items():
            if params.get(name):
                rows = rows.filter(**{column: params[name]})
        if params.get("state") == "errors":
            rows = rows.filter(errors__gt=0)
        return rows.filter(crashed=True) if params.get("state") == "crashed" else rows
