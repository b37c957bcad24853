"""What one accepted request brought: receipt, idempotency key and outbox in one row."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from diagnostics.models.environment import Environment


class IngestBatch(models.Model):
    """Written in the transaction of its records; a digest claims it, folds its sums and sets `digested_at`."""

    id = models.BigIntegerField(primary_key=True)
    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, db_index=False)
    ingest_key_id = models.BigIntegerField(null=True)
    received_at = models.DateTimeField()
    wire_format = models.CharField(max_length=20)
    records = models.IntegerField(default=0)
    spans = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    idempotency_key = models.CharField(max_length=128, null=True)  # noqa: DJ001  null: outside the unique index
    answer = models.JSONField(default=dict)  # given again when the same key comes again
    sums = models.JSONField(default=list)  # per-minute partial sums, see diagnostics.pipeline.summarise
    sessions = models.TextField(default="")  # parts of sessions, see diagnostics.pipeline.session_parts
    journeys = models.TextField(default="", db_default="")  # likewise, see diagnostics.pipeline.journey_parts
    templates = models.JSONField(default=dict)  # how often each template came, see diagnostics.pipeline.templates
    findings = models.JSONField(default=dict)  # errors, matches and check-ins, see diagnostics.ingest.watching
    digested_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "diagnostics_ingest_batch"
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["environment", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="batch_idempotency",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(digested_at__isnull=True), name="batch_undigested"),
            models.Index(fields=["received_at"], name="batch_received"),
        ]
