"""What receivers gave back, and what came in from them."""

from datetime import timedelta
from typing import ClassVar, Final

from django.db import models

from alerts.models.incident import Incident
from alerts.models.target import Target
from diagnostics.core import clock

REMEMBERED_FOR: Final = timedelta(days=30)


class Receipt(models.Model):
    """What an integration wants to be given back for the same incident: the id of the message to update, say."""

    incident = models.ForeignKey(
        Incident, null=True, on_delete=models.CASCADE, related_name="receipts"
    )  # None: a test's
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="receipts")
    data = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["incident", "target"], name="receipt_once")]

    def __str__(self) -> str:
        return f"incident {self.incident_id} at target {self.target_id}"


class Handled(models.Model):
    """What was handled already: a message of a receiver that may come again, a link that works once."""

    key = models.CharField(max_length=64, primary_key=True)  # a hash
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key

    @classmethod
    def is_first(cls, key: str) -> bool:
        """Whether it comes for the first time; it is remembered from now on. What is too old to come again is forgotten."""
        now = clock.now()
        cls.objects.filter(at__lt=now - REMEMBERED_FOR).delete()
        return cls.objects.get_or_create(key=key, defaults={"at": now})[1]
