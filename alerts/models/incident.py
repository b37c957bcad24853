"""Incidents: something is wrong, from the moment it was seen until it is over, with everything that happened to it."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from alerts.models.rule import AlertRule, Severity
from diagnostics.core import clock
from diagnostics.models import Environment


class Incident(models.Model):
    """Something that is wrong, with all that shows it. At most one is open for a dedup key."""

    class Kind(models.TextChoices):
        ALERT = "alert", "Alert"  # opened by a rule
        STORM = "storm", "Storm"  # stands for more incidents than anybody can read
        WATCH = "watch", "Watch"  # the product is in trouble itself: a target is dead, evaluation is late

    class State(models.TextChoices):
        TRIGGERED = "triggered", "Triggered"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        RESOLVED = "resolved", "Resolved"

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="incidents")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ALERT)
    rule = models.ForeignKey(AlertRule, null=True, on_delete=models.SET_NULL, related_name="incidents")
    rule_name = models.CharField(max_length=120)
    dedup_key = models.CharField(max_length=64)  # hash of rule and series: stable, holds no record text
    grouping_key = models.CharField(max_length=64, blank=True)  # what belongs together; empty: joins nothing
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
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    snoozed_until = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)  # when the newest record that decided was taken in
    duplicates = models.PositiveIntegerField(default=0)  # alerts that came while it was open and told nobody anew
    reopened = models.PositiveIntegerField(default=0)  # times that it came back
    is_recovered = models.BooleanField(default=False)  # it ended by itself, not because somebody said so
    reopened_at = models.DateTimeField(null=True)
    flapping_since = models.DateTimeField(null=True)  # it comes and goes: told as one, with a digest
    settles_at = models.DateTimeField(null=True)  # of a flapping one that looks well: when it is believed
    storm = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="absorbed")
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
            models.Index(fields=["environment", "-started_at"], name="incident_begun"),
            models.Index(fields=["environment"], condition=~Q(state="resolved"), name="incident_open"),
            models.Index(fields=["resolved_at"], name="incident_ended"),
            models.Index(fields=["storm"], condition=Q(storm__isnull=False), name="incident_in_storm"),
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
    def began_at(self) -> datetime:
        """When it last opened: who was told before was told of its end, too."""
        return self.reopened_at or self.opened_at

    @property
    def is_flapping(self) -> bool:
        """Whether it comes and goes."""
        return self.is_open and self.flapping_since is not None

    @property
    def lasted(self) -> timedelta:
        """From the first bad minute until it was over, or until now."""
        return (self.resolved_at or clock.now()) - self.started_at
