"""Heartbeats of background work: health checks read how long ago each last ran."""

from django.db import models


class Heartbeat(models.Model):
    """When a named part of the system last said that it is alive."""

    name = models.CharField(max_length=50, primary_key=True)
    beat_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
