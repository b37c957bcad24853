"""Exports and erasures of one person's data: jobs that are worked off in slices, and the log of what was erased."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from diagnostics.models.environment import Environment


class PrivacyJob(models.Model):
    """One request about one person. While it runs, `work` holds their pseudonyms; afterwards only hashes are left."""

    class Kind(models.TextChoices):
        EXPORT = "export", "Export"
        ERASE = "erase", "Erasure"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        EXPIRED = "expired", "Expired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="privacy_jobs")
    kind = models.CharField(max_length=6, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    subject_hashes = models.JSONField(default=list)  # SHA-256 of each pseudonym: what an erasure is recognised by
    # Pseudonyms, session ids, cursor: emptied when the job ends, but for the permissions that an export was made with.
    work = models.JSONField(default=dict)
    store = models.CharField(max_length=40, blank=True)  # the one that is being worked off
    expected = models.JSONField(default=dict)  # {what: count} when it was asked for
    counts = models.JSONField(default=dict)  # {what: count} done so far
    left = models.JSONField(default=dict)  # {what: count} that an erasure found when it looked again
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_by_name = models.CharField(max_length=150)
    requested_at = models.DateTimeField()
    until = models.DateTimeField(null=True)  # an erasure that is done again spares what came after the first
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)  # of an export
    leased_until = models.DateTimeField(null=True)  # somebody is at it
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-requested_at"]
        indexes: ClassVar = [
            models.Index(fields=["environment", "-requested_at"], name="privacy_job_newest"),
            models.Index(
                fields=["requested_at"], condition=Q(state__in=("waiting", "running")), name="privacy_job_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {str(self.pk)[:8]}"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in (self.State.WAITING, self.State.RUNNING)

    @property
    def found(self) -> dict[str, int]:
        """What was worked on, without the stores that had nothing."""
        return {name: number for name, number in sorted(self.counts.items()) if number}

    @property
    def percent(self) -> int:
        """How far it is, by what was expected."""
        expected: int = sum(self.expected.values())
        done: int = sum(self.counts.values())
        if self.state == self.State.DONE or not expected:
            return 100 if self.is_finished else 0
        return min(99, done * 100 // expected)


class ExportPart(models.Model):
    """A slice of an export, encrypted: rows of one store as JSON."""

    job = models.ForeignKey(PrivacyJob, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    store = models.CharField(max_length=40)
    ciphertext = models.BinaryField()

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "number"], name="export_part_number")]

    def __str__(self) -> str:
        return f"{self.store} {self.number}"
