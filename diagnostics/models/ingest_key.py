"""Ingest keys: write-only credentials of one environment, kept as a hash with a prefix to recognise them by."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models

from diagnostics.models.environment import Environment


class IngestKey(models.Model):
    """A key that clients send with; its text is shown once, when it is made."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="ingest_keys")
    name = models.CharField(max_length=100, help_text="Who sends with it: 'checkout service', say.")
    prefix = models.CharField(max_length=16, editable=False)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)  # SHA-256 of a random 32-byte text
    quota_per_second = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Records a second with this key; empty: no limit.",
    )
    quota_per_day = models.PositiveBigIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="The same for a day (UTC); empty: no limit."
    )
    records_only = models.BooleanField(
        default=False,
        db_default=False,
        help_text="It sends records and traces, and nothing that decides something: no check-ins, no events. For a key that "
        "anybody may read, in a browser or an app.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
