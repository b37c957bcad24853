"""Monitors over the API."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from alerts.models import CheckIn, Monitor
from alerts.monitors.changes import delete_monitor, rotate_ping, save_monitor
from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.scoped import ENVIRONMENT_PARAMETER, ScopedViewSet, named_environment
from diagnostics.core.access import visible_environments
from diagnostics.core.permissions import Perm


class MonitorSerializer(serializers.ModelSerializer[Monitor]):
    """A monitor. `environment` and `slug` are given when it is made and stay; `ping_url` is shown to who may change it."""

    environment = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    state = serializers.ChoiceField(choices=Monitor.State.choices, read_only=True)
    ping_url = serializers.SerializerMethodField(help_text="Empty for who may not manage rules.")

    class Meta:
        model = Monitor
        fields = (
            "id", "environment", "slug", "name", "schedule", "zone", "grace_minutes", "longest_minutes", "opens_after",
            "severity", "paused", "state", "due_at", "deadline_at", "checked_at", "started_at", "last_outcome",
            "last_duration_ms", "failures", "down_since", "trouble", "ping_url", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = (
            "id", "due_at", "deadline_at", "checked_at", "started_at", "last_outcome", "last_duration_ms", "failures",
            "down_since", "trouble", "created_at", "updated_at",
        )  # fmt: skip

    def get_ping_url(self, monitor: Monitor) -> str:
        """The address that the job may report to."""
        request = self.context["request"]
        if monitor.environment_id not in self.context["managed"]:
            return ""
        return str(request.build_absolute_uri(reverse("ping", args=[monitor.ping_id])))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The model's own checks."""
        monitor = self.instance or Monitor(
            environment=named_environment(
                self.context["request"], Perm.MANAGE_RULES, self.initial_data.get("environment")
            )
        )
        if self.instance is not None and attrs.get("slug", monitor.slug) != monitor.slug:
            raise serializers.ValidationError({"slug": ["The slug stays: jobs report to it. Make another monitor."]})
        for name, value in attrs.items():
            setattr(monitor, name, value)
        if Monitor.objects.filter(environment=monitor.environment, slug=monitor.slug).exclude(pk=monitor.pk).exists():
            raise serializers.ValidationError({"slug": ["This environment has a monitor of this slug already."]})
        monitor.full_clean()
        return {**attrs, "monitor": monitor}

    def create(self, validated_data: dict[str, Any]) -> Monitor:
        """A new monitor."""
        return self.store(validated_data["monitor"])

    def update(self, instance: Monitor, validated_data: dict[str, Any]) -> Monitor:
        """Change what was given."""
        return self.store(validated_data["monitor"])

    def store(self, monitor: Monitor) -> Monitor:
        """As it was checked: its schedule may be written in another way."""
        save_monitor(self.context["request"].user, monitor)
        return monitor


class KeptCheckInSerializer(serializers.ModelSerializer[CheckIn]):
    """A check-in, or one that did not come."""

    class Meta:
        model = CheckIn
        fields = ("number", "at", "outcome", "duration_ms", "exit_code", "message")
        read_only_fields = fields


@extend_schema_view(list=extend_schema(parameters=[ENVIRONMENT_PARAMETER]))
class MonitorViewSet(ScopedViewSet, ModelViewSet[Monitor]):
    """Monitors of the environments whose incidents you may see; changing them needs manage_rules."""

    queryset = Monitor.objects.select_related("environment")
    serializer_class = MonitorSerializer
    pagination_class = TimeCursorPagination
    read_perm = Perm.VIEW_INCIDENTS
    write_perm = Perm.MANAGE_RULES
    lookup_value_regex = "[0-9]+"

    def get_serializer_context(self) -> dict[str, Any]:
        """With the environments whose ping addresses the person may know, asked once."""
        managed = visible_environments(self.request.user, Perm.MANAGE_RULES).values_list("pk", flat=True)
        return {**super().get_serializer_context(), "managed": set(managed)}

    def perform_destroy(self, instance: Monitor) -> None:
        """Written down; nothing that it opened stays stuck."""
        delete_monitor(self.request.user, instance)

    @extend_schema(responses=KeptCheckInSerializer(many=True), filters=False)
    @action(detail=True, url_path="check-ins", pagination_class=None)
    def check_ins(self, request: Request, pk: str) -> Response:
        """The last hundred, the newest first."""
        return Response(KeptCheckInSerializer(self.get_object().reports.all(), many=True).data)

    @extend_schema(request=None, responses=MonitorSerializer)
    @action(detail=True, methods=["post"], url_path="rotate")
    def rotate(self, request: Request, pk: str) -> Response:
        """A new ping address; the one before works no more."""
        monitor = self.get_object()
        rotate_ping(request.user, monitor)
        return Response(self.get_serializer(monitor).data)
