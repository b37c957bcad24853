"""API tokens: a person's credential for machines, kept as a hash; it can do at most what the person can do."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from diagnostics.models.environment import Environment


class ApiToken(models.Model):
    """A bearer token of one person; expires; its text is shown once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    permissions = models.JSONField(null=True, help_text="Permissions it is cut down to; null: all of the person's.")
    environment = models.ForeignKey(Environment, null=True, on_delete=models.CASCADE, related_name="+")
    prefix = models.CharField(max_length=16, editable=False)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    made_with = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="offspring", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
