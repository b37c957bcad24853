"""Errors told apart by fingerprint: when each was seen first and last, and whether it is news."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from diagnostics.models.environment import Environment


class ErrorGroup(models.Model):
    """One error of one environment. `news` is set by the digest and taken away by who has told of it."""

    class News(models.TextChoices):
        NONE = "", "No news"
        NEW = "new", "Never seen before"
        REGRESSION = "regression", "Came back"

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, db_index=False)
    fingerprint = models.CharField(max_length=32)
    service_name = models.TextField(default="")
    error_type = models.TextField(default="")
    title = models.TextField(default="")  # without numbers, ids and quoted values
    release = models.TextField(default="")  # of the newest occurrence
    first_release = models.TextField(default="")
    records = models.BigIntegerField(default=0)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    noticed_at = models.DateTimeField(null=True)  # by our clock: when it was news; null for history that was imported
    came_back_at = models.DateTimeField(null=True)  # likewise, the last time that it had come back
    resolved_at = models.DateTimeField(null=True)  # a person said that it is over
    news = models.CharField(max_length=10, choices=News, default=News.NONE, blank=True)

    class Meta:
        db_table = "diagnostics_error_group"
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "fingerprint"], name="error_group_fingerprint")
        ]
        indexes: ClassVar = [
            models.Index(fields=["environment"], condition=~Q(news=""), name="error_group_news"),
            models.Index(fields=["environment", "last_seen"], name="error_group_last_seen"),
        ]

    def __str__(self) -> str:
        return self.error_type or self.title or self.fingerprint
