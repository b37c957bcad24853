"""What the API says of incidents, and what it takes with an act."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from alerts.models import Evidence, Incident, IncidentEvent, Notification
from diagnostics.core.access import has_perm
from diagnostics.core.permissions import Perm


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """An incident as lists show it."""

    environment = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    acknowledged_by = serializers.StringRelatedField[Any]()
    resolved_by = serializers.StringRelatedField[Any]()
    assigned_to = serializers.StringRelatedField[Any]()

    class Meta:
        model = Incident
        fields: tuple[str, ...] = (
            "id", "environment", "kind", "rule", "rule_name", "dedup_key", "state", "severity", "title", "summary",
            "service_name", "http_route", "release", "started_at", "opened_at", "acknowledged_at", "acknowledged_by",
            "resolved_at", "resolved_by", "assigned_to", "snoozed_until", "duplicates", "reopened", "is_flapping", "storm",
            "value", "peak_value", "trace_id",
        )  # fmt: skip
        read_only_fields = fields


class IncidentEventSerializer(serializers.ModelSerializer[IncidentEvent]):
    """A line of history."""

    actor = serializers.StringRelatedField[Any]()

    class Meta:
        model = IncidentEvent
        fields = ("at", "kind", "actor", "text")


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    """A series that shows it."""

    class Meta:
        model = Evidence
        fields = ("rule", "rule_name", "series", "severity", "summary", "since", "ended_at", "times")


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    """Who was told, and what came of it. `alerts` is how many alerts the row stands for."""

    target = serializers.CharField(source="target.name")

    class Meta:
        model = Notification
        fields = (
            "id", "target", "rule_name", "action", "state", "reason", "detail", "severity", "alerts", "created_at",
            "attempts", "sent_at", "time_to_alert_ms",
        )  # fmt: skip


class IncidentDetailSerializer(IncidentSerializer):
    """An incident with its history, its notifications and (with view_logs) what records said."""

    history = IncidentEventSerializer(source="events", many=True, read_only=True)
    evidence = EvidenceSerializer(many=True, read_only=True)
    notifications = NotificationSerializer(many=True, read_only=True)
    samples = serializers.SerializerMethodField()

    class Meta(IncidentSerializer.Meta):
        fields = (*IncidentSerializer.Meta.fields, "context", "samples", "history", "evidence", "notifications")
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_samples(self, incident: Incident) -> list[dict[str, Any]]:
        """Sample records, frozen when the incident was opened."""
        may_see = has_perm(self.context["request"].user, incident.environment, Perm.VIEW_LOGS)
        return list(incident.samples) if may_see else []


class NoteSerializer(serializers.Serializer[Any]):
    """What may come with a resolve."""

    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class TextSerializer(serializers.Serializer[Any]):
    """A note."""

    text = serializers.CharField(max_length=500)


class AssignSerializer(serializers.Serializer[Any]):
    """A username of somebody who may respond to incidents there; empty: nobody."""

    person = serializers.CharField(max_length=150, allow_blank=True)


class SnoozeSerializer(serializers.Serializer[Any]):
    """Until when."""

    until = serializers.DateTimeField(help_text="In the future, within 7 days.")


class SilenceSerializer(serializers.Serializer[Any]):
    """For how long nobody is told of the incident's rule and service, and why."""

    hours = serializers.FloatField(min_value=0.1, max_value=168)
    reason = serializers.CharField(max_length=200)
