"""Snapshots: what led to an error or crash, frozen, so that the story outlives its records."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from diagnostics.models import Environment


class Snapshot(models.Model):
    """One frozen story. The columns are what lists show and look for; `content` is the document itself, as canonical
    JSON, and `digest` the SHA-256 of its bytes."""

    class Reason(models.TextChoices):
        CRASH = "crash", "Crash"
        NEW_ERROR = "new_error", "New error"
        CAME_BACK = "came_back", "Error that came back"
        BY_HAND = "by_hand", "Kept by hand"

    class Scope(models.TextChoices):
        SESSION = "session", "session"
        TRACE = "trace", "trace"
        REQUEST = "request", "request"
        RECORD = "record", "record"

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="snapshots", db_index=False)
    reason = models.CharField(max_length=12, choices=Reason)
    is_news = models.BooleanField(default=False)  # a crash whose error had never been seen, or had been away, too
    scope = models.CharField(max_length=10, choices=Scope)
    taken_at = models.DateTimeField()
    happened_at = models.DateTimeField()  # when the record was written that broke
    record = models.CharField(max_length=40)  # its reference
    has_restricted = models.BooleanField(default=False)
    service_name = models.TextField(default="", blank=True)
    release = models.TextField(default="", blank=True)
    error_type = models.TextField(default="", blank=True)
    title = models.CharField(max_length=200, default="", blank=True)  # the beginning of its text
    fingerprint = models.CharField(max_length=32, default="", blank=True)
    session_id = models.TextField(default="", blank=True)
    trace_id = models.CharField(max_length=32, default="", blank=True)
    user_key = models.TextField(default="", blank=True)
    user_keys = ArrayField(models.TextField(), default=list)  # everybody in the content, to be found for an erasure
    session_ids = ArrayField(models.TextField(), default=list)
    records = models.PositiveIntegerField(default=0)
    spans = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=500, default="", blank=True)
    taken_by_id = models.BigIntegerField(null=True)  # who kept it; null: the product itself
    taken_by_name = models.CharField(max_length=150, default="", blank=True)
    content = models.TextField()
    digest = models.CharField(max_length=64)
    cut_at = models.DateTimeField(null=True)  # a person's records were taken out of it, and the digest renewed

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-taken_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["environment", "-taken_at"], name="snapshot_newest"),
            models.Index(fields=["environment", "fingerprint", "-taken_at"], name="snapshot_of_error"),
            models.Index(fields=["environment", "session_id"], name="snapshot_of_session", condition=~Q(session_id="")),
            GinIndex(fields=["user_keys"], name="snapshot_people"),
            GinIndex(fields=["session_ids"], name="snapshot_sessions"),
        ]

    def __str__(self) -> str:
        return self.error_type or self.title or self.record

    @property
    def kept_until(self) -> datetime:
        """When its retention is over, by what the environment says today."""
        return self.taken_at + timedelta(days=self.environment.snapshot_retention_days)

    @property
    def reasons(self) -> list[str]:
        """In words: a crash may be a new error as well."""
        news = [self.Reason.NEW_ERROR.label] if self.is_news and self.reason == self.Reason.CRASH else []
        return [str(self.get_reason_display()), *map(str, news)]


class DueSnapshot(models.Model):
    """A snapshot that is to be taken: the hand-off from the digest. It stays for a while when it is done, so that the
    same crash, told again, is not frozen again."""

    class Outcome(models.TextChoices):
        WAITING = "", "Waiting"
        TAKEN = "taken", "Taken"
        SAME = "same", "The record is frozen already"
        LEFT_OUT = "left_out", "Enough of this error are kept"
        OFF = "off", "Snapshots are switched off"
        GONE = "gone", "Its records are gone"
        FAILED = "failed", "Failed again and again"

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, db_index=False)
    reason = models.CharField(max_length=12, choices=Snapshot.Reason)
    subject = models.CharField(max_length=200)  # of a crash the session's id, of an error its fingerprint
    period = models.DateTimeField()  # once in it: the day of a crash, the moment at which an error was news
    since = models.DateTimeField()  # between these its record lies
    until = models.DateTimeField()
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "reason", "subject", "period"], name="due_snapshot_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(outcome=""), name="due_snapshot_waiting"),
            models.Index(fields=["environment", "reason", "created_at"], name="due_snapshot_budget"),
        ]


class LeftOut(models.Model):
    """How many snapshots of an hour the budget left out."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, db_index=False)
    reason = models.CharField(max_length=12, choices=Snapshot.Reason)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "reason", "hour"], name="left_out_hour")
        ]
