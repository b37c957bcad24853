"""What the API says of incidents, and what it takes with an act."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from alerts.models import Evidence, Incident, IncidentEvent, Notification
from diagnostics.core.access import has_perm
from diagnostics.core.permissions import Perm

LISTED: Final = 200
CONTEXT_NEEDS: Final = {
    "session_ids": Perm.VIEW_SESSIONS, "templates": Perm.VIEW_LOGS, "messages": Perm.VIEW_LOGS,
}  # fmt: skip


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
    """An incident with its history, its notifications and (with view_logs, view_sessions) what records said.

    Of history, evidence and notifications the newest LISTED, oldest first.
    """

    samples = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField()
    evidence = serializers.SerializerMethodField()
    notifications = serializers.SerializerMethodField()

    class Meta(IncidentSerializer.Meta):
        fields = (*IncidentSerializer.Meta.fields, "context", "samples", "history", "evidence", "notifications")
        read_only_fields = fields

    def to_representation(self, instance: Incident) -> dict[str, Any]:
        """What was found out when it opened is cut to what the person may see."""
        found = super().to_representation(instance)
        hidden = {name for name, perm in CONTEXT_NEEDS.items() if not self.may(instance, perm)}
        return {**found, "context": {name: value for name, value in instance.context.items() if name not in hidden}}

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_samples(self, incident: Incident) -> list[dict[str, Any]]:
        """Sample records, frozen when the incident was opened."""
        return list(incident.samples) if self.may(incident, Perm.VIEW_LOGS) else []

    @extend_schema_field(IncidentEventSerializer(many=True))
    def get_history(self, incident: Incident) -> Any:
        """Line by line."""
        rows = incident.events.select_related("actor").order_by("-at", "-id")[:LISTED]
        return IncidentEventSerializer(list(reversed(rows)), many=True).data

    @extend_schema_field(EvidenceSerializer(many=True))
    def get_evidence(self, incident: Incident) -> Any:
        """Series by series."""
        rows = incident.evidence.order_by("-since", "-id")[:LISTED]
        return EvidenceSerializer(list(reversed(rows)), many=True).data

    @extend_schema_field(NotificationSerializer(many=True))
    def get_notifications(self, incident: Incident) -> Any:
        """Row by row."""
        rows = incident.notifications.select_related("target").order_by("-created_at", "-pk")[:LISTED]
        return NotificationSerializer(list(reversed(rows)), many=True).data

    def may(self, incident: Incident, perm: Perm) -> bool:
        """Whether the person holds it there, by a token that is not cut down."""
        return has_perm(self.context["request"].user, incident.environment, perm)


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
