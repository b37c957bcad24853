"""What happened to an incident, line by line, and the series that show it."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from alerts.models.incident import Incident
from alerts.models.rule import AlertRule, Severity


class IncidentEvent(models.Model):
    """One line of an incident's history; append-only, held by the database."""

    class Kind(models.TextChoices):
        TRIGGERED = "triggered", "Triggered"
        JOINED = "joined", "Joined"
        WORSE = "worse", "Severity rose"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        UNANSWERED = "unanswered", "Nobody answered"
        ASSIGNED = "assigned", "Assigned"
        SNOOZED = "snoozed", "Snoozed"
        WOKEN = "woken", "Snooze over"
        NOTE = "note", "Note"
        RECOVERED = "recovered", "Recovered in part"
        FLAPPING = "flapping", "Flapping"
        COUNTED = "counted", "Counted"  # a digest of what came and went, or of a storm
        TOLD_LATE = "told_late", "Silence over"
        RESOLVED = "resolved", "Resolved"
        REOPENED = "reopened", "Reopened"

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=Kind)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.CharField(max_length=500, blank=True)

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.text}"


class Evidence(models.Model):
    """One series of one rule that shows the incident. It is over when all of them are."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="evidence")
    dedup_key = models.CharField(max_length=64)
    rule = models.ForeignKey(AlertRule, null=True, on_delete=models.SET_NULL, related_name="+")
    rule_name = models.CharField(max_length=120)
    series = models.CharField(max_length=410, blank=True)
    severity = models.CharField(max_length=10, choices=Severity)
    summary = models.TextField()
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    times = models.PositiveIntegerField(default=1)  # it may come and go while the incident is open

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["since", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["incident", "dedup_key"], name="evidence_once")]
        indexes: ClassVar = [models.Index(fields=["dedup_key"], name="evidence_key")]

    def __str__(self) -> str:
        return f"{self.rule_name}: {self.series}"
