"""Incidents over the API: see, acknowledge, resolve."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.incidents.transitions import acknowledge_incident, resolve_incident
from alerts.models import Incident, IncidentEvent, Notification
from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.scoped import ENVIRONMENT_PARAMETER, ScopedViewSet
from diagnostics.core.access import has_perm
from diagnostics.core.permissions import Perm


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """An incident as lists show it."""

    environment = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    acknowledged_by = serializers.StringRelatedField[Any]()
    resolved_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Incident
        fields: tuple[str, ...] = (
            "id", "environment", "rule", "rule_name", "dedup_key", "state", "severity", "title", "summary",
            "service_name", "http_route", "release", "started_at", "opened_at", "acknowledged_at", "acknowledged_by",
            "resolved_at", "resolved_by", "value", "peak_value", "trace_id",
        )  # fmt: skip
        read_only_fields = fields


class IncidentEventSerializer(serializers.ModelSerializer[IncidentEvent]):
    """A line of history."""

    actor = serializers.StringRelatedField[Any]()

    class Meta:
        model = IncidentEvent
        fields = ("at", "kind", "actor", "text")


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    """Who was told, and what came of it."""

    target = serializers.CharField(source="target.name")

    class Meta:
        model = Notification
        fields = ("id", "target", "action", "state", "reason", "created_at", "attempts", "sent_at", "time_to_alert_ms")


class IncidentDetailSerializer(IncidentSerializer):
    """An incident with its history, its notifications and (with view_logs) what records said."""

    history = IncidentEventSerializer(source="events", many=True, read_only=True)
    notifications = NotificationSerializer(many=True, read_only=True)
    samples = serializers.SerializerMethodField()

    class Meta(IncidentSerializer.Meta):
        fields = (*IncidentSerializer.Meta.fields, "context", "samples", "history", "notifications")
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_samples(self, incident: Incident) -> list[dict[str, Any]]:
        """Sample records, frozen when the incident was opened."""
        may_see = has_perm(self.context["request"].user, incident.environment, Perm.VIEW_LOGS)
        return list(incident.samples) if may_see else []


class NoteSerializer(serializers.Serializer[Any]):
    """What may come with a resolve."""

    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class NewestFirst(TimeCursorPagination):
    """By when they were opened."""

    time_field = "opened_at"


@extend_schema_view(
    list=extend_schema(
        parameters=[
            ENVIRONMENT_PARAMETER,
            OpenApiParameter("state", str, enum=["open", *Incident.State.values]),
            OpenApiParameter("service", str),
        ]
    )
)
class IncidentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Incidents, newest first."""

    queryset = Incident.objects.select_related("environment", "acknowledged_by", "resolved_by")
    pagination_class = NewestFirst
    read_perm = Perm.VIEW_INCIDENTS
    write_perm = Perm.RESPOND_INCIDENTS
    lookup_value_regex = "[0-9]+"

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        """Lists are short, one incident is whole."""
        return IncidentSerializer if self.action == "list" else IncidentDetailSerializer

    def get_queryset(self) -> QuerySet[Incident]:
        """Cut to what is asked for."""
        rows = super().get_queryset()
        params = self.request.query_params
        if params.get("service"):
            rows = rows.filter(service_name=params["service"])
        state = params.get("state")
        if state == "open":
            return rows.exclude(state=Incident.State.RESOLVED)
        return rows.filter(state=state) if state else rows

    @extend_schema(request=None, responses=IncidentDetailSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Somebody is on it; repeating it changes nothing."""
        acknowledge_incident(self.get_object(), request.user)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=NoteSerializer, responses=IncidentDetailSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        """It is over; repeating it changes nothing."""
        incident = self.get_object()
        note = NoteSerializer(data=request.data)
        note.is_valid(raise_exception=True)
        resolve_incident(incident, request.user, note.validated_data["note"])
        return Response(self.get_serializer(self.get_object()).data)
