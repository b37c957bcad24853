"""Events over the API: told with an ingest key by who deploys, read by people."""

from datetime import timedelta
from typing import Any, Final, cast

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

from diagnostics.api.key_authentication import HasIngestKey, IngestKeyAuthentication
from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.scoped import ENVIRONMENT_PARAMETER, ScopedViewSet, read_choice
from diagnostics.core import clock, limits
from diagnostics.core.permissions import Perm
from diagnostics.events import Told, note_event
from diagnostics.ingest.keys import KeyHolder
from diagnostics.models import Event

AHEAD: Final = timedelta(minutes=10)  # clocks differ by less


class EventSerializer(serializers.ModelSerializer[Event]):
    """A deploy, a flag or a change of configuration."""

    environment = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    service = serializers.CharField(source="service_name", read_only=True)

    class Meta:
        model = Event
        fields = ("id", "environment", "timestamp", "kind", "title", "service", "release", "is_sent")
        read_only_fields = fields


class ToldSerializer(serializers.Serializer[Any]):
    """What a script sends. Titles are redacted as records are."""

    kind = serializers.ChoiceField(choices=Event.Kind.choices, default=Event.Kind.DEPLOY)
    title = serializers.CharField(
        required=False,
        default="",
        max_length=300,
        help_text="A deploy without one is named by its service and release.",
    )
    service = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    release = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=200, help_text="A deploy needs one."
    )
    timestamp = serializers.DateTimeField(required=False, help_text="RFC 3339; now, when it is left out.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Each kind has what names it, at a time that has been."""
        if given["kind"] == Event.Kind.DEPLOY and not given["release"]:
            raise serializers.ValidationError({"release": ["A deploy needs the release that it brings."]})
        if given["kind"] != Event.Kind.DEPLOY and not given["title"]:
            raise serializers.ValidationError({"title": ["Say what was changed."]})
        now = clock.now()
        given["timestamp"] = moment = given.get("timestamp", now)
        if clock.to_ns(moment) < limits.EARLIEST_NS or moment > now + AHEAD:
            raise serializers.ValidationError({"timestamp": ["Use a time from 1970 to now."]})
        return given


class ToldRate(SimpleRateThrottle):
    """Of one environment: more than any pipeline deploys, and little enough that a loop gone wrong fills nothing."""

    rate = "60/min"
    scope = "events"

    def get_cache_key(self, request: Request, view: object) -> str | None:
        """By environment."""
        holder = request.auth
        return f"events:{holder.environment.id}" if isinstance(holder, KeyHolder) else None


class NewestFirst(TimeCursorPagination):
    """By when they were."""

    time_field = "timestamp"


@extend_schema_view(
    list=extend_schema(
        parameters=[
            ENVIRONMENT_PARAMETER,
            OpenApiParameter("kind", str, enum=list(Event.Kind.values), description="Only these."),
            OpenApiParameter("service", str, description="Only of this service."),
        ]
    )
)
class EventViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Deploys, flags and changes of configuration, the newest first."""

    queryset = Event.objects.changes().select_related("environment")
    serializer_class = EventSerializer
    pagination_class = NewestFirst
    read_perm = Perm.VIEW_LOGS

    @property
    def is_told(self) -> bool:
        """Whether a machine tells; else a person reads."""
        return getattr(self.request, "method", "") == "POST"

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Telling needs an ingest key, and nothing else will do."""
        return [IngestKeyAuthentication()] if self.is_told else super().get_authenticators()

    def get_permissions(self) -> list[BasePermission]:
        """Likewise."""
        return [HasIngestKey()] if self.is_told else cast("list[BasePermission]", super().get_permissions())

    def get_throttles(self) -> list[BaseThrottle]:
        """Of who tells."""
        return [ToldRate()] if self.is_told else []

    def get_queryset(self) -> QuerySet[Event]:
        """Cut to what is asked for."""
        rows, params = super().get_queryset(), self.request.query_params
        if kind := read_choice(params, "kind", Event.Kind.values):
            rows = rows.filter(kind=kind)
        return rows.filter(service_name=params["service"]) if params.get("service") else rows

    @extend_schema(
        request=ToldSerializer,
        responses={200: EventSerializer, 201: EventSerializer},
        summary="Tell of a deploy, a flag or a change of configuration",
    )
    def create(self, request: Request) -> Response:
        """201 for a new one; 200 with the one that is there when the same was told within five minutes."""
        given = ToldSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        holder = cast("KeyHolder", request.auth)
        event, is_new = note_event(holder.environment, Told(**given.validated_data))
        return Response(EventSerializer(event).data, status=201 if is_new else 200)
