"""Alert rules: what is watched, when it is wrong, and who is told."""

import math
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from diagnostics.models import Environment


class Severity(models.TextChoices):
    """How bad it is, in PagerDuty's words; from worst to mildest."""

    CRITICAL = "critical", "Critical"
    ERROR = "error", "Error"
    WARNING = "warning", "Warning"
    INFO = "info", "Info"


class AlertRule(models.Model):
    """One rule of one environment, read from minute rollups; each service (or route) is a series of its own."""

    class Signal(models.TextChoices):
        ERRORS = "errors", "Error records"
        FATALS = "fatals", "Fatal records"
        FAILURES = "failures", "Failed requests"
        TIMEOUTS = "timeouts", "Timeouts"
        STATUS_5XX = "status_5xx", "5xx responses"
        STATUS_4XX = "status_4xx", "4xx responses"
        REQUESTS = "requests", "Requests"
        LATENCY_P50 = "latency_p50", "Response time, median (ms)"
        LATENCY_P95 = "latency_p95", "Response time, p95 (ms)"
        LATENCY_P99 = "latency_p99", "Response time, p99 (ms)"

    class Condition(models.TextChoices):
        THRESHOLD = "threshold", "is at least a fixed value"
        SHARE = "share", "is at least a share of requests"
        CHANGE = "change", "is at least so many times the usual"

    class GroupBy(models.TextChoices):
        SERVICE = "service", "each service"
        ROUTE = "route", "each service and route"
        NOTHING = "nothing", "the environment as a whole"

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="alert_rules")
    slug = models.SlugField(max_length=60, help_text="Stable name, used in addresses and exports.")
    name = models.CharField(max_length=120)
    enabled = models.BooleanField(default=True)
    builtin = models.BooleanField(default=False, editable=False)
    signal = models.CharField(max_length=20, choices=Signal)
    condition = models.CharField(max_length=12, choices=Condition, default=Condition.THRESHOLD)
    group_by = models.CharField(max_length=10, choices=GroupBy, default=GroupBy.SERVICE)
    service_name = models.CharField(max_length=200, blank=True, help_text="Only this service; empty: all.")
    window_minutes = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(1), MaxValueValidator(1440)], help_text="Minutes looked at."
    )
    threshold = models.FloatField(
        validators=[MinValueValidator(0)],
        help_text="Count or milliseconds; for a share, a fraction (0.05 is 5%); for a change, a factor.",
    )
    recover_threshold = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="Recovers below this; empty: the threshold.",
    )
    minimum_count = models.PositiveIntegerField(
        default=1, help_text="Never fires on fewer of the signal's events than this (low traffic lies)."
    )
    minimum_sample = models.PositiveIntegerField(default=0, help_text="Never fires on fewer requests than this.")
    for_seconds = models.PositiveIntegerField(
        default=0,
        validators=[MaxValueValidator(86_400)],
        help_text="Stays pending this long before it fires.",
    )
    keep_firing_seconds = models.PositiveIntegerField(
        default=120,
        validators=[MaxValueValidator(86_400)],
        help_text="Stays firing this long after it looks well.",
    )
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.ERROR)
    targets = models.ManyToManyField(
        "alerts.Target",
        blank=True,
        related_name="rules",
        help_text="Empty: all enabled targets of the environment.",
    )
    runbook_url = models.URLField(blank=True)
    muted_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["environment", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "slug"], name="rule_slug"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Limits are numbers that something can be compared with."""
        for name in ("threshold", "recover_threshold"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise ValidationError({name: "Use a finite number."})


class RuleState(models.Model):
    """Where one series of a rule stands."""

    class State(models.TextChoices):
        OK = "ok", "OK"
        PENDING = "pending", "Pending"
        FIRING = "firing", "Firing"
        RESOLVED = "resolved", "Resolved"

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="states")
    series = models.CharField(max_length=410)  # "service" or "service route"; empty: the whole environment
    state = models.CharField(max_length=10, choices=State, default=State.OK)
    since = models.DateTimeField()
    healthy_since = models.DateTimeField(null=True)  # first moment of looking well while firing
    value = models.FloatField(null=True)
    incident = models.ForeignKey("alerts.Incident", null=True, on_delete=models.SET_NULL, related_name="+")
    evaluated_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["rule", "series"], name="rule_state_series")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.series}: {self.state}"
