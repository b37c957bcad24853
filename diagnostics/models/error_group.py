"""Errors told apart by fingerprint: when each was seen, how often, and what people have decided about it."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from diagnostics.models.environment import Environment


class ErrorGroup(models.Model):
    """One error of one environment. `news` is set by the digest and taken away by who has told of it.

    At most one of `resolved_at` and `ignored_at` is set. Either ends when the error comes again: at once where it was
    resolved, after `ignored_until` where it was ignored; with `awaits_release`, in a release that it was not seen with.
    """

    class News(models.TextChoices):
        NONE = "", "No news"
        NEW = "new", "Never seen before"
        REGRESSION = "regression", "Came back"

    class State(models.TextChoices):
        NEW = "new", "New"
        REGRESSION = "regression", "Came back"
        OPEN = "open", "Open"
        IGNORED = "ignored", "Ignored"
        RESOLVED = "resolved", "Resolved"

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, db_index=False)
    fingerprint = models.CharField(max_length=32)
    service_name = models.TextField(default="")
    error_type = models.TextField(default="")
    title = models.TextField(default="")  # without numbers, ids and quoted values
    release = models.TextField(default="")  # of the newest occurrence
    first_release = models.TextField(default="")
    releases = ArrayField(
        models.TextField(), default=list, db_default=[]
    )  # that it was seen with, the last found first
    records = models.BigIntegerField(default=0)
    is_fatal = models.BooleanField(default=False, db_default=False)  # a record of it was
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    noticed_at = models.DateTimeField(null=True)  # by our clock: when it was news; null for history that was imported
    came_back_at = models.DateTimeField(null=True)  # likewise, the last time that it had come back
    resolved_at = models.DateTimeField(null=True)  # a person said that it is over
    ignored_at = models.DateTimeField(null=True)  # a person wants to hear nothing of it ...
    ignored_until = models.DateTimeField(null=True)  # ... until then
    awaits_release = models.BooleanField(default=False, db_default=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    news = models.CharField(max_length=10, choices=News, default=News.NONE, blank=True)

    RELEASES_KEPT: ClassVar = 100  # many run side by side: one that is forgotten would count as another

    class Meta:
        db_table = "diagnostics_error_group"
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "fingerprint"], name="error_group_fingerprint"),
            models.CheckConstraint(
                condition=Q(resolved_at=None) | Q(ignored_at=None), name="error_group_resolved_or_ignored"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["environment"], condition=~Q(news=""), name="error_group_news"),
            models.Index(fields=["environment", "last_seen"], name="error_group_last_seen"),
        ]

    def __str__(self) -> str:
        return self.error_type or self.title or self.fingerprint


class ErrorHour(models.Model):
    """Records of one error in one hour, minute by minute; no row where there were none."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, db_index=False)
    error = models.ForeignKey(ErrorGroup, on_delete=models.CASCADE, db_index=False, related_name="hours")
    hour = models.DateTimeField()
    minutes = ArrayField(models.IntegerField(), size=60)
    total = models.IntegerField()

    class Meta:
        db_table = "diagnostics_error_hour"
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["error", "hour"], name="error_hour_once")]
        indexes: ClassVar = [models.Index(fields=["environment", "hour"], name="error_hour_time")]
