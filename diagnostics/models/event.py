"""Events that explain changes: deploys, feature flags, configuration."""

from datetime import datetime
from typing import ClassVar, Final, Self

from django.db import models

from diagnostics.models.environment import Environment

FIRST_SEEN: Final = " first seen with "  # in the title of a service's first release: nothing has changed yet


class EventQuerySet(models.QuerySet["Event"]):
    """Events by what they tell."""

    def changes(self) -> Self:
        """Without the releases that services were seen with first; what somebody told of is a change, whatever it says."""
        return self.exclude(is_sent=False, title__contains=FIRST_SEEN)

    def between(self, since: datetime, until: datetime | None = None) -> Self:
        """From `since` on, and before `until`."""
        rows = self.filter(timestamp__gte=since)
        return rows.filter(timestamp__lt=until) if until else rows


class Event(models.Model):
    """Something that people did to an environment; drawn on charts and named in incidents.

    Deploys are derived from the releases that records name, or sent by who deploys; flags and configuration are sent.
    """

    class Kind(models.TextChoices):
        DEPLOY = "deploy", "Deploy"
        FLAG = "flag", "Feature flag"
        CONFIG = "config", "Configuration"

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, db_index=False)
    timestamp = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind)
    service_name = models.CharField(max_length=200, blank=True)
    release = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=300)
    is_sent = models.BooleanField(default=False)  # told by somebody, not derived

    objects: ClassVar = EventQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-timestamp"]
        indexes: ClassVar = [models.Index(fields=["environment", "timestamp"], name="event_time")]
        constraints: ClassVar = [
            # A deploy is seen once, however many records carry the new release; who goes back to a release sends it again.
            models.UniqueConstraint(
                fields=["environment", "kind", "service_name", "release"],
                condition=models.Q(kind="deploy", is_sent=False),
                name="event_deploy_once",
            )
        ]

    def __str__(self) -> str:
        return self.title
