"""The audit trail: who did or saw what they must be answerable for. Append-only, and chained so that a gap shows."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from diagnostics.models.environment import Environment


class AccessEvent(models.Model):
    """One reveal, export, erasure, sign-in or change. Never updated; a database trigger refuses it.

    `sequence` and `digest` are set once, when the event is chained to the one before it.
    """

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=150)
    environment = models.ForeignKey(Environment, null=True, on_delete=models.SET_NULL, related_name="+")
    environment_slug = models.CharField(max_length=50, blank=True)
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=200, blank=True)
    object_ref = models.CharField(max_length=100, blank=True, help_text="Of changes: model and id of the row.")
    detail = models.JSONField(default=dict)
    sequence = models.BigIntegerField(null=True, unique=True, editable=False)
    digest = models.BinaryField(max_length=32, null=True, editable=False)

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["environment", "-id"], name="access_event_environment"),
            models.Index(fields=["object_ref", "-id"], name="access_event_object", condition=~models.Q(object_ref="")),
            models.Index(fields=["id"], name="access_event_unchained", condition=models.Q(sequence=None)),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.subject}"


class AccessChain(models.Model):
    """Where the chain of events begins (what lies before was cut by retention) and where it ends: one row.

    `mac` is keyed with SECRET_KEY, so that who can write to the database alone cannot move either end unseen.
    """

    base_sequence = models.BigIntegerField(default=0)
    base_digest = models.BinaryField(max_length=32, default=b"")
    head_sequence = models.BigIntegerField(default=0)
    head_digest = models.BinaryField(max_length=32, default=b"")
    mac = models.BinaryField(max_length=32, default=b"")

    class Meta:
        default_permissions = ()
