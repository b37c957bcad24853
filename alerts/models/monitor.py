"""Monitors: jobs that must report on time. A check-in is one report; silence beyond the grace is a missed one."""

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from alerts.hours import read_zone
from alerts.models.rule import Severity
from alerts.monitors.schedule import Schedule, parse_schedule
from alerts.monitors.spans import say_took
from diagnostics.core import clock
from diagnostics.models import Environment

WEEK_MINUTES = 7 * 1440
MOST = 1_000  # of one environment: each is looked at again and again
TOO_MANY = f"An environment has {MOST:,} monitors at most: delete those that are of no use any more."


class Outcome(models.TextChoices):
    """What a check-in says, or what its absence does."""

    STARTED = "started", "Started"
    OK = "ok", "OK"
    FAILED = "failed", "Failed"
    MISSED = "missed", "Missed"  # nothing came until the grace was over
    OVERRAN = "overran", "Ran too long"  # it started and did not end in time


class Monitor(models.Model):
    """One job of one environment: when it is due, and how it stands. What is not editable, check-ins and the clock set."""

    class State(models.TextChoices):
        NEW = "new", "New"  # never checked in: nothing is expected yet
        UP = "up", "Up"
        RUNNING = "running", "Running"
        LATE = "late", "Late"  # within the grace, or missed while the product itself was down
        DOWN = "down", "Down"
        PAUSED = "paused", "Paused"

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="monitors")
    slug = models.SlugField(max_length=100, help_text="Stands in the address that the job reports to.")
    name = models.CharField(max_length=120)
    schedule = models.CharField(
        max_length=100,
        help_text="How often: every 15 minutes, 2h, 1d; or a cron line: 0 2 * * * is each day at 02:00.",
    )
    zone = models.CharField("time zone", max_length=50, default="UTC", help_text="Of a cron line: UTC, Europe/Berlin.")
    grace_minutes = models.PositiveIntegerField(
        "grace",
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(WEEK_MINUTES)],
        help_text="Minutes that a check-in may come late.",
    )
    longest_minutes = models.PositiveIntegerField(
        "longest run",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(WEEK_MINUTES)],
        help_text="Minutes that a run may take that told of its start; empty: until it is due again.",
    )
    opens_after = models.PositiveSmallIntegerField(
        "opens an incident after",
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="So many missed or failed check-ins in a row.",
    )
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.ERROR)
    paused = models.BooleanField(default=False, help_text="Nothing is expected while it is paused.")
    ping_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # who knows it may report, nothing else

    checked_at = models.DateTimeField(null=True, editable=False)  # the last check-in that came
    last_outcome = models.CharField(max_length=8, choices=Outcome, blank=True, editable=False)
    last_run = models.CharField(max_length=64, blank=True, editable=False)  # the sender's name of that run
    last_duration_ms = models.BigIntegerField(null=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)  # of the run that goes on
    has_overrun = models.BooleanField(default=False, editable=False)  # and that was told already
    due_at = models.DateTimeField(null=True, editable=False)  # null: nothing is expected
    deadline_at = models.DateTimeField(null=True, editable=False)  # what has not come by then is missed
    failures = models.PositiveIntegerField(default=0, editable=False)  # missed or failed in a row
    down_since = models.DateTimeField(null=True, editable=False)
    trouble = models.CharField(max_length=400, blank=True, editable=False)  # the last of them in words
    trouble_at = models.DateTimeField(null=True, editable=False)
    is_doubtful = models.BooleanField(default=False, editable=False)  # missed while the product itself was down
    check_ins = models.BigIntegerField(default=0, editable=False)  # counted since it was made: numbers them
    paced_from = models.DateTimeField(null=True, editable=False)  # the minute whose reports are counted
    paced = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["environment", "name", "pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["environment", "slug"], name="monitor_slug")]
        indexes: ClassVar = [models.Index(fields=["environment", "deadline_at"], name="monitor_deadline")]

    def __str__(self) -> str:
        return self.name

    @property
    def timing(self) -> Schedule:
        """The schedule, read."""
        return parse_schedule(self.schedule, self.zone)

    @property
    def is_cron(self) -> bool:
        """Whether it goes by a cron line."""
        return " " in self.schedule

    @property
    def grace(self) -> timedelta:
        """How late a check-in may come."""
        return timedelta(minutes=self.grace_minutes)

    @property
    def longest(self) -> timedelta | None:
        """How long a run may take, where that is said."""
        return None if self.longest_minutes is None else timedelta(minutes=self.longest_minutes)

    @property
    def took(self) -> str:
        """How long the last run took, in words."""
        return say_took(self.last_duration_ms)

    @property
    def is_down(self) -> bool:
        """Whether an incident stands for it."""
        return self.down_since is not None

    @property
    def state(self) -> str:
        """How it stands now."""
        return self.state_at(clock.now())

    def state_at(self, now: datetime) -> str:
        """How it stands; what is worse speaks first."""
        if self.paused:
            return self.State.PAUSED
        if self.is_down:
            return self.State.DOWN
        if self.started_at is not None:
            return self.State.RUNNING
        if self.due_at is None:
            return self.State.NEW
        return self.State.LATE if self.is_doubtful or self.due_at <= now else self.State.UP

    def clean(self) -> None:
        """A schedule that can be read, in a zone that there is; stored in one way of writing it."""
        problems: dict[str, Any] = {}
        try:
            read_zone(self.zone)
        except ValueError as error:
            problems["zone"] = str(error)
        else:
            try:
                self.schedule = self.timing.text
            except ValueError as error:
                problems["schedule"] = str(error)
        if self.pk is None and Monitor.objects.filter(environment_id=self.environment_id).count() >= MOST:
            problems["environment"] = TOO_MANY
        if problems:
            raise ValidationError(problems)


class CheckIn(models.Model):
    """One report of a job, or one that did not come. The last of each monitor are kept."""

    monitor = models.ForeignKey(Monitor, on_delete=models.CASCADE, related_name="reports", db_index=False)
    number = models.BigIntegerField()
    at = models.DateTimeField()  # of a missed one: when it was due
    outcome = models.CharField(max_length=8, choices=Outcome)
    duration_ms = models.BigIntegerField(null=True)
    exit_code = models.PositiveSmallIntegerField(null=True)
    message = models.CharField(max_length=1000, blank=True)  # redacted

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["monitor", "number"], name="check_in_number")]
        indexes: ClassVar = [models.Index(fields=["at"], name="check_in_at")]

    def __str__(self) -> str:
        return f"{self.monitor_id} {self.number}: {self.outcome}"

    @property
    def took(self) -> str:
        """How long the run took, in words."""
        return say_took(self.duration_ms)
