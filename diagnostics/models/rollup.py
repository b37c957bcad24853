"""Minute rollups: what detection and charts read, so that their cost does not grow with the number of records."""

from typing import ClassVar

from django.db import models

from diagnostics.models.environment import Environment


class MinuteRollup(models.Model):
    """Sums of one minute for one service and route, apart by where they were counted (records or spans).

    A service that sends server spans and access records would count each request twice; readers take the
    requests from spans where a service sends them, else from records.
    """

    class Source(models.TextChoices):
        LOG = "log", "records"
        SPAN = "span", "spans"

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, db_index=False)
    minute = models.DateTimeField()
    source = models.CharField(max_length=4, choices=Source)
    service_name = models.TextField(default="")
    http_route = models.TextField(default="")
    release = models.TextField(default="")
    records = models.IntegerField(default=0)  # of all severities
    warnings = models.IntegerField(default=0)
    errors = models.IntegerField(default=0)  # severity error and fatal
    fatals = models.IntegerField(default=0)
    requests = models.IntegerField(default=0)
    failures = models.IntegerField(default=0)  # requests that ended in 5xx or with an error status
    timeouts = models.IntegerField(default=0)
    status_4xx = models.IntegerField(default=0)
    status_5xx = models.IntegerField(default=0)
    latency = models.JSONField(default=dict)  # sparse histogram {bucket: count}, see diagnostics.core.histogram
    updated_at = models.DateTimeField(auto_now=True)

    COUNTS: ClassVar = (
        "records", "warnings", "errors", "fatals", "requests", "failures", "timeouts", "status_4xx", "status_5xx",
    )  # fmt: skip

    class Meta:
        db_table = "diagnostics_minute_rollup"
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["environment", "minute", "source", "service_name", "http_route", "release"],
                name="rollup_series_minute",
            )
        ]
