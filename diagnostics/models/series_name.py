"""Names that sums are kept by. Senders choose them, so their number is bounded."""

from typing import ClassVar

from django.db import models

from diagnostics.models.environment import Environment


class SeriesName(models.Model):
    """A service, or a route or release of one, that has its own sums; or the note that there was no room for more."""

    class Kind(models.TextChoices):
        SERVICE = "service", "Services"
        ROUTE = "route", "Routes"
        RELEASE = "release", "Releases"
        FULL = "full", "No room for more"  # `name` is the kind that is full

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    service_name = models.TextField(default="")
    name = models.TextField(default="")
    seen_at = models.DateTimeField()  # to the hour

    class Meta:
        db_table = "diagnostics_series_name"
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "kind", "service_name", "name"], name="series_name_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.service_name} {self.name}"
