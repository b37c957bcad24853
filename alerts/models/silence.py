"""Silences: incidents that match are still opened and shown, but nobody is told; always with an end."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from alerts.models.rule import AlertRule
from diagnostics.models import Environment


class Silence(models.Model):
    """Matches by environment and, where given, rule and service."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="silences")
    rule = models.ForeignKey(AlertRule, null=True, blank=True, on_delete=models.CASCADE, related_name="silences")
    service_name = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-ends_at"]

    def __str__(self) -> str:
        return self.reason
