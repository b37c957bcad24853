"""Stored spans: partitioned by day on `timestamp` (their start), append-only, like records."""

from typing import ClassVar

from django.db import models


class Span(models.Model):
    """One finished span of a trace. `kind` and `status_code` as OpenTelemetry numbers them."""

    id = models.BigIntegerField(primary_key=True)
    environment_id = models.IntegerField()
    timestamp = models.DateTimeField()  # start
    timestamp_ns = models.SmallIntegerField(default=0)
    duration_ns = models.BigIntegerField(default=0)
    trace_id = models.UUIDField()
    span_id = models.TextField()
    parent_span_id = models.TextField(default="", blank=True)
    name = models.TextField(default="", blank=True)
    kind = models.SmallIntegerField(default=1)
    status_code = models.SmallIntegerField(default=0)
    status_message = models.TextField(default="", blank=True)
    service_name = models.TextField(default="", blank=True)
    release = models.TextField(default="", blank=True)
    session_id = models.TextField(default="", blank=True)
    user_key = models.TextField(default="", blank=True)
    journey_id = models.TextField(default="", blank=True)
    request_id = models.TextField(default="", blank=True)
    http_method = models.TextField(default="", blank=True)
    http_route = models.TextField(default="", blank=True)
    http_status = models.SmallIntegerField(null=True)
    error_type = models.TextField(default="", blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    events = models.JSONField(default=list, blank=True)
    batch_id = models.BigIntegerField()

    class Meta:
        db_table = "diagnostics_span"
        default_permissions = ()
        ordering: ClassVar = ["timestamp", "timestamp_ns", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def duration_ms(self) -> float:
        """Milliseconds from start to end."""
        return self.duration_ns / 1_000_000
