"""A backtest: a rule that is perhaps not saved yet, tried on the past; asked for, worked off in slices, kept for some days."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from alerts.models.rule import AlertRule
from diagnostics.models import Environment


class Backtest(models.Model):
    """One trial. `work` is where it stands, and is emptied at its end; `result` is what it found."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="backtests")
    rule = models.ForeignKey(AlertRule, null=True, on_delete=models.SET_NULL, related_name="backtests")
    values = models.JSONField(default=dict)  # the rule as it was tried, field by field
    days = models.PositiveSmallIntegerField()
    since = models.IntegerField()  # minutes since 1970
    until = models.IntegerField()
    reached = models.IntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    work = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = models.CharField(max_length=200, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)  # somebody is at it

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-requested_at"]
        indexes: ClassVar = [models.Index(fields=["environment", "-requested_at"], name="backtest_newest")]

    def __str__(self) -> str:
        return f"Backtest of {self.values.get('name', 'a rule')}"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in (self.State.WAITING, self.State.RUNNING)

    @property
    def percent(self) -> int:
        """How far it is."""
        return min(100, (self.reached - self.since) * 100 // max(1, self.until - self.since))
