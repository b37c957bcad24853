"""Incidents: something is wrong, from the moment it was seen until it is over, with everything that happened to it."""

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from alerts.models.rule import AlertRule, Severity
from diagnostics.core import clock
from diagnostics.models import Environment


class Incident(models.Model):
    """One firing episode of one series. At most one is open for a dedup key."""

    class State(models.TextChoices):
        TRIGGERED = "triggered", "Triggered"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        RESOLVED = "resolved", "Resolved"

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="incidents")
    rule = models.ForeignKey(AlertRule, null=True, on_delete=models.SET_NULL, related_name="incidents")
    rule_name = models.CharField(max_length=120)
    dedup_key = models.CharField(max_length=64)  # hash of rule and series: stable, holds no record text
    state = models.CharField(max_length=14, choices=State, default=State.TRIGGERED)
    severity = models.CharField(max_length=10, choices=Severity)
    title = models.CharField(max_length=300)
    summary = models.TextField()  # a sentence with numbers
    service_name = models.CharField(max_length=200, blank=True)
    http_route = models.CharField(max_length=200, blank=True)
    release = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()  # first bad minute
    opened_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    value = models.FloatField(null=True)
    peak_value = models.FloatField(null=True)
    trace_id = models.CharField(max_length=32, blank=True)  # of a sample record
    samples = models.JSONField(default=list)  # references of sample records, newest first
    context = models.JSONField(default=dict)  # counts, top messages, deploy: frozen when it opened

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-opened_at"]
        indexes: ClassVar = [
            models.Index(fields=["environment", "-opened_at"], name="incident_newest"),
            models.Index(fields=["environment"], condition=~Q(state="resolved"), name="incident_open"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dedup_key"], condition=~Q(state="resolved"), name="incident_one_open_per_key"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether it is not over."""
        return self.state != self.State.RESOLVED

    @property
    def lasted(self) -> timedelta:
        """From the first bad minute until it was over, or until now."""
        return (self.resolved_at or clock.now()) - self.started_at


class IncidentEvent(models.Model):
    """One line of an incident's history; append-only."""

    class Kind(models.TextChoices):
        TRIGGERED = "triggered", "Triggered"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        RESOLVED = "resolved", "Resolved"
        NOTE = "note", "Note"

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
