"""Stored records and their restricted fields. Both tables are partitioned by day on `timestamp` and append-only.

Django takes `id` for the primary key; in the database it is (environment_id, timestamp, id), as partitioning asks.
No foreign keys: a partition must be droppable at once.
"""

import uuid
from typing import ClassVar

from django.db import models

from diagnostics.core import severity
from diagnostics.core.reference import write_reference
from diagnostics.detection.templates.ids import write_id


class LogRecord(models.Model):
    """One clean, enriched record. Empty text means not known; ids are plain values."""

    id = models.BigIntegerField(primary_key=True)
    environment_id = models.IntegerField()
    timestamp = models.DateTimeField()
    timestamp_ns = models.SmallIntegerField(default=0)  # the nanoseconds that `timestamp` cannot hold, 0 to 999
    sequence = models.IntegerField(default=0)  # the client's order among equal times
    observed_timestamp = models.DateTimeField()
    severity_number = models.SmallIntegerField(default=severity.DEFAULT)
    service_name = models.TextField(default="", blank=True)
    logger = models.TextField(default="", blank=True)
    release = models.TextField(default="", blank=True)
    body = models.TextField(default="", blank=True)
    event_name = models.TextField(default="", blank=True)
    trace_id = models.UUIDField(null=True)
    span_id = models.TextField(default="", blank=True)
    session_id = models.TextField(default="", blank=True)
    user_key = models.TextField(default="", blank=True)
    journey_id = models.TextField(default="", blank=True)
    request_id = models.TextField(default="", blank=True)
    http_method = models.TextField(default="", blank=True)
    http_route = models.TextField(default="", blank=True)
    http_status = models.SmallIntegerField(null=True)
    duration_ms = models.FloatField(null=True)
    error_type = models.TextField(default="", blank=True)
    fingerprint = models.TextField(default="", blank=True)
    template_id = models.BigIntegerField(null=True)
    client_network = models.TextField(default="", blank=True)
    geo_country = models.TextField(default="", blank=True)
    geo_region = models.TextField(default="", blank=True)
    device_type = models.TextField(default="", blank=True)
    browser = models.TextField(default="", blank=True)
    os = models.TextField(default="", blank=True)
    is_bot = models.BooleanField(default=False)
    has_restricted = models.BooleanField(default=False)
    attributes = models.JSONField(default=dict, blank=True)
    batch_id = models.BigIntegerField()

    ORDER: ClassVar = ("timestamp", "timestamp_ns", "sequence", "id")  # the one order, everywhere
    NEWEST_FIRST: ClassVar = ("-timestamp", "-timestamp_ns", "-sequence", "-id")

    class Meta:
        db_table = "diagnostics_log"
        default_permissions = ()

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """The record's address within its environment."""
        return write_reference(self.timestamp, self.id)

    @property
    def template_reference(self) -> str:
        """The id of its template as addresses and the query line have it, or empty."""
        return write_id(self.template_id) if self.template_id else ""

    @property
    def severity(self) -> str:
        """The severity's band: trace, debug, info, warn, error or fatal."""
        return severity.band_of(self.severity_number)

    @property
    def trace_hex(self) -> str:
        """The trace id as OpenTelemetry writes it (32 hex digits), or empty."""
        return self.trace_id.hex if isinstance(self.trace_id, uuid.UUID) else ""


class RestrictedFields(models.Model):
    """Stack trace, local variables and what the policy restricts, of the record with the same id; encrypted."""

    id = models.BigIntegerField(primary_key=True)
    environment_id = models.IntegerField()
    timestamp = models.DateTimeField()
    ciphertext = models.BinaryField()  # JSON object, encrypted with the environment's key

    class Meta:
        db_table = "diagnostics_restricted"
        default_permissions = ()
