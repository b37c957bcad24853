"""Events that explain changes: deploys, feature flags, configuration."""

from typing import ClassVar

from django.db import models

from diagnostics.models.environment import Environment


class Event(models.Model):
    """Something that people did to an environment; drawn on charts and named in incidents."""

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

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-timestamp"]
        indexes: ClassVar = [models.Index(fields=["environment", "timestamp"], name="event_time")]
        constraints: ClassVar = [
            # A deploy is seen once, however many records carry the new release.
            models.UniqueConstraint(
                fields=["environment", "kind", "service_name", "release"],
                condition=models.Q(kind="deploy"),
                name="event_deploy_once",
            )
        ]

    def __str__(self) -> str:
        return self.title
