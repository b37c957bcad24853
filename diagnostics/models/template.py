"""Mined message templates and how often they came: small tables, whatever the number of records."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import QuerySet

from diagnostics.core import severity
from diagnostics.detection.templates.ids import VERSION, write_id
from diagnostics.models.environment import Environment


class Template(models.Model):
    """What many records of a service say, `<*>` for what varies. Bounded for each environment.

    `template_id` is what records carry. A template that turned out to be another's case stays as a row that names that
    one in `merged_into`, because records carry its id; its own counts moved there.
    """

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, db_index=False)
    template_id = models.BigIntegerField()
    version = models.CharField(max_length=10, default=VERSION)
    service_name = models.TextField(default="", blank=True)
    text = models.TextField(default="", blank=True)  # empty until its text arrives, `[erased]` after an erasure
    severity_number = models.SmallIntegerField(default=severity.DEFAULT)  # the worst that was seen
    records = models.BigIntegerField(default=0)
    first_seen = models.DateTimeField()  # by the records' own clock, to the minute
    last_seen = models.DateTimeField()
    created_at = models.DateTimeField()  # by ours: when the first of them was digested
    changed_at = models.DateTimeField()  # the text, not the counts
    releases = models.JSONField(default=dict)  # {release: minute since 1970 of its last record}
    merged_into = models.BigIntegerField(null=True)
    is_joined = models.BooleanField(default=False)  # its leading word varies
    # Nobody was told of it yet: set when it gets its row, taken away by who has told.
    is_news = models.BooleanField(default=False, db_default=False)

    RELEASES_KEPT: ClassVar = 20
    ERASED: ClassVar = "[erased]"

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "template_id"], name="template_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["environment"], condition=models.Q(is_news=True), name="template_news"),
        ]

    def __str__(self) -> str:
        return self.text

    @classmethod
    def names_of(cls, number: int) -> "QuerySet[Template, int]":
        """The other ids that records of this template carry: it had them before templates were joined.

        An id says the same in every environment, so this asks in all of them; who asks cuts records to one.
        """
        return cls.objects.filter(merged_into=number).values_list("template_id", flat=True)

    @property
    def reference(self) -> str:
        """The id as addresses and the query line have it."""
        return write_id(self.template_id)

    @property
    def severity(self) -> str:
        """The severity's band: trace, debug, info, warn, error or fatal."""
        return severity.band_of(self.severity_number)


class TemplateHour(models.Model):
    """Records of one template in one hour, minute by minute; no row where there were none."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, db_index=False)
    template_id = models.BigIntegerField()
    hour = models.DateTimeField()
    minutes = ArrayField(models.IntegerField(), size=60)
    total = models.IntegerField()

    class Meta:
        db_table = "diagnostics_template_hour"
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "template_id", "hour"], name="template_hour_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["environment", "hour"], name="template_hour_time")]
