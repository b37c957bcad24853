"""What quotas refused, by environment, key and hour: a quota that bites must not be a secret."""

from typing import ClassVar

from django.db import models

from diagnostics.models.environment import Environment


class QuotaRefusal(models.Model):
    """Requests that were sent back unread, and records that were left out of requests that were taken."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, db_index=False)
    ingest_key_id = models.BigIntegerField()
    hour = models.DateTimeField()
    requests = models.BigIntegerField(default=0)
    records = models.BigIntegerField(default=0)

    class Meta:
        db_table = "diagnostics_quota_refusal"
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "hour", "ingest_key_id"], name="quota_refusal_hour")
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}: {self.requests} requests"
