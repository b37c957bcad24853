"""Who did or saw what that must be answerable for: append-only."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from diagnostics.models.environment import Environment


class AccessEvent(models.Model):
    """One reveal, export, erasure, key or grant change. Never updated; a database trigger refuses it."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=150)
    environment = models.ForeignKey(Environment, null=True, on_delete=models.SET_NULL, related_name="+")
    environment_slug = models.CharField(max_length=50, blank=True)
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["environment", "-id"], name="access_event_environment")]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.subject}"
