"""Targets: where alerts go. Their secrets are encrypted and can be written, never read back."""

from typing import ClassVar

from django.db import models

from alerts.models.rule import Severity
from diagnostics.models import Environment


class Target(models.Model):
    """One configured destination of one environment."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="targets")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)  # a key of alerts.integrations.registry.INTEGRATIONS
    enabled = models.BooleanField(default=True)
    minimum_severity = models.CharField(max_length=10, choices=Severity, default=Severity.INFO)
    send_resolved = models.BooleanField(default=True, help_text="Tell when an incident is over, too.")
    config = models.JSONField(default=dict, blank=True)  # what may be shown
    secrets = models.BinaryField(default=b"", editable=False)  # encrypted JSON: addresses with tokens, signing keys
    failing_since = models.DateTimeField(null=True, editable=False)
    disabled_reason = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["environment", "name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["environment", "name"], name="target_name")]

    def __str__(self) -> str:
        return self.name
