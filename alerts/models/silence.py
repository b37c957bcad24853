"""Silences: incidents that match are still opened and shown, but nobody is told; always with an end.

One with `days` is a maintenance window: it holds only in its hours on those days, until it ends.
"""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from alerts.hours import Hours, read_days, read_zone
from alerts.models.rule import RANKS, AlertRule, Severity
from diagnostics.models import Environment


class Silence(models.Model):
    """Matches by environment and, where given, rule, service and severity."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="silences")
    rule = models.ForeignKey(AlertRule, null=True, blank=True, on_delete=models.CASCADE, related_name="silences")
    service_name = models.CharField(
        "service", max_length=200, blank=True, help_text="Empty: all. A star at the end stands for anything: shop-*"
    )
    severity = models.CharField(
        "up to severity",
        max_length=10,
        choices=Severity,
        blank=True,
        help_text="This and milder; what is worse is told all the same. Empty: all.",
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    days = models.CharField(
        max_length=40,
        blank=True,
        help_text="For a window that comes again: mon-fri, sat; monthly: 1st sun, last fri, 15, last. Empty: all the time.",
    )
    window_begin = models.TimeField("from", null=True, blank=True)
    window_end = models.TimeField("until", null=True, blank=True, help_text="Before 'from': over midnight.")
    zone = models.CharField("time zone", max_length=50, default="UTC", help_text="UTC, Europe/Berlin")
    reason = models.CharField(max_length=200)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    last_hid_at = models.DateTimeField(null=True, editable=False)
    reminded_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)  # its end was noticed, and its author told
    ended_because = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-ends_at"]

    def __str__(self) -> str:
        return self.reason

    @property
    def hours(self) -> Hours | None:
        """When a window holds; None: all the time."""
        if not self.days or self.window_begin is None or self.window_end is None:
            return None
        return Hours(read_days(self.days), self.window_begin, self.window_end, read_zone(self.zone))

    def holds_at(self, moment: datetime) -> bool:
        """Whether it holds then."""
        if not self.starts_at <= moment < self.ends_at:
            return False
        hours = self.hours
        return hours is None or hours.span_around(moment) is not None

    def holds_until(self, moment: datetime) -> datetime:
        """When what holds then is over: of a window that comes again the hours of that day."""
        hours = self.hours
        span = hours.span_around(moment) if hours is not None else None
        return self.ends_at if span is None else min(self.ends_at, span[1])

    def matches(self, rule_id: int | None, service_name: str, severity: str) -> bool:
        """Whether an incident is meant."""
        if self.rule_id is not None and self.rule_id != rule_id:
            return False
        if self.severity and RANKS[severity] > RANKS[self.severity]:
            return False
        if self.service_name.endswith("*"):
            return service_name.startswith(self.service_name[:-1])
        return self.service_name in ("", service_name)

    def clean(self) -> None:
        """It ends after it begins, its rule is of its environment, and a window says when it is."""
        problems: dict[str, Any] = {}
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            problems["ends_at"] = "A silence ends after it begins."
        if self.rule is not None and self.rule.environment_id != self.environment_id:
            problems["rule"] = "This rule is of another environment."
        window = (self.days, self.window_begin, self.window_end)
        if any(part not in ("", None) for part in window) and any(part in ("", None) for part in window):
            problems["days"] = "A window needs its days, 'from' and 'until'."
        for name, read in (("days", read_days), ("zone", read_zone)):
            try:
                if getattr(self, name):
                    read(getattr(self, name))
            except ValueError as error:
                problems[name] = str(error)
        if problems:
            raise ValidationError(problems)
