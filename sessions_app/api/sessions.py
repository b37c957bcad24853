"""Sessions over the API. Their records: GET /api/v1/logs?environment=…&session=…"""

from typing import Any, Final

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from diagnostics.api.searching import IN_EITHER
from sessions_app.api.people import PeopleSearchBody, PeopleViewSet, people_parameters
from sessions_app.models import LogSession
from sessions_app.touched import touched


class TouchedSerializer(serializers.Serializer[dict[str, Any]]):
    """A release that a session touched."""

    service = serializers.CharField()
    release = serializers.CharField()
    has_errors = serializers.BooleanField(source="errors", default=False)
    crashed = serializers.BooleanField(default=False, help_text="Whether it crashed in it.")


class SessionSerializer(serializers.ModelSerializer[LogSession]):
    """The sums of a session."""

    environment = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    state = serializers.CharField(read_only=True)
    services = serializers.ListField(child=serializers.CharField(), read_only=True)
    releases = TouchedSerializer(source="named_releases", many=True, read_only=True)

    class Meta:
        model = LogSession
        fields = (
            "id", "environment", "session_id", "state", "user_key", "started_at", "last_seen_at", "records", "spans",
            "warnings", "errors", "crashed", "services", "release", "releases", "geo_country", "geo_region", "device_type",
            "browser", "os",
        )  # fmt: skip
        read_only_fields = fields


LIST_PARAMETERS: Final = [
    *people_parameters("sessions", "Only sessions that this service took part in."),
    OpenApiParameter("session", str, description="Session id."),
    OpenApiParameter(
        "release",
        str,
        description="Only sessions that touched this release, of `service` where that is given. `state` is then of what "
        "befell them in it.",
    ),
]


class SessionSearchBody(PeopleSearchBody):
    """The same as in an address."""

    session = serializers.CharField(required=False, max_length=200, help_text="Session id.")
    release = serializers.CharField(required=False, max_length=200, help_text="One that the session touched.")


@extend_schema_view(list=extend_schema(parameters=LIST_PARAMETERS))
class SessionViewSet(PeopleViewSet):
    """Sessions, the last active first."""

    queryset = LogSession.objects.select_related("environment")
    serializer_class = SessionSerializer
    list_name = "api-session-list"

    @extend_schema(
        parameters=[IN_EITHER],
        request=SessionSearchBody, responses=SessionSerializer(many=True), operation_id="sessions_search",
        summary="Search sessions for a person",
    )  # fmt: skip
    @action(detail=False, methods=["post"])
    def search(self, request: Request) -> Response:
        """The list with its parameters in the body."""
        return self.search_by(SessionSearchBody(data=request.data))

    def condition_of(self, keys: list[str]) -> Q:
        """By the user of the session."""
        return Q(user_key__in=keys)

    def get_queryset(self) -> QuerySet[LogSession]:
        """Cut to what is asked for."""
        rows, asked = super().get_queryset(), self.asked
        if asked.get("session"):
            rows = rows.filter(session_id=asked["session"])
        if asked.get("service"):
            rows = rows.filter(services__contains=[asked["service"]])
        if asked.get("release"):
            rows = rows.filter(touched(asked["release"], asked.get("service", ""), asked.get("state", "")))
        if asked.get("state") == "errors":
            rows = rows.filter(errors__gt=0)
        return rows.filter(crashed=True) if asked.get("state") == "crashed" else rows
