"""Targets: where alerts go, and how much of them. Their secrets are encrypted and can be written, never read back."""

from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from alerts.delivery.share import share_everything
from alerts.hours import Hours, read_days, read_zone
from alerts.models.rule import Severity
from diagnostics.models import Environment

FOREIGN: Final = "This target is of another environment."


class Target(models.Model):
    """One configured destination of one environment."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="targets")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)  # a key of alerts.integrations.registry.INTEGRATIONS
    enabled = models.BooleanField(default=True)
    minimum_severity = models.CharField(max_length=10, choices=Severity, default=Severity.INFO)
    send_resolved = models.BooleanField(default=True, help_text="Tell when an incident is over, too.")
    hourly_budget = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(36_000)],
        help_text="Messages an hour at most; empty: what its kind bears.",
    )
    digest_seconds = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(86_400)],
        help_text="After an alert, the next ones within this time are told in one message (0: each by itself; empty: "
        "60 for people, 0 for machines). A worse one never waits; pagers get each by itself.",
    )
    fallback = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Told in its place when it cannot be reached, or outside of its hours.",
    )
    is_reserve = models.BooleanField(
        "reserve",
        default=False,
        help_text="Told only when it is asked for: by a rule that names it, or as another target's fallback or escalation.",
    )
    answer_minutes = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text="Minutes in which somebody has to acknowledge what it was told; empty: nobody has to.",
    )
    escalation = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Told when nobody did; empty: this target is told again. Make that one a reserve, or it is told of everything "
        "at once.",
    )
    hours_days = models.CharField(
        "days", max_length=40, default="mon-fri", help_text="mon-fri, sat; also 1st sun, last fri, 15, last"
    )
    hours_begin = models.TimeField("from", null=True, blank=True, help_text="Empty: it is told at any time.")
    hours_end = models.TimeField("until", null=True, blank=True, help_text="Before 'from': over midnight.")
    hours_zone = models.CharField("time zone", max_length=50, default="UTC", help_text="UTC, Europe/Berlin")
    urgent_severity = models.CharField(
        max_length=10,
        choices=Severity,
        default=Severity.CRITICAL,
        help_text="Outside of its hours this and worse is told at once, to the fallback if there is one; milder waits.",
    )
    config = models.JSONField(default=dict, blank=True)  # what may be shown
    secrets = models.BinaryField(default=b"", editable=False)  # encrypted JSON: addresses with tokens, signing keys
    shared_fields = models.JSONField(default=share_everything)  # names of alerts.delivery.share.SHAREABLE
    failing_since = models.DateTimeField(null=True, editable=False)
    disabled_reason = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["environment", "name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["environment", "name"], name="target_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def hours(self) -> Hours | None:
        """When it works; None: always."""
        if self.hours_begin is None or self.hours_end is None:
            return None
        return Hours(read_days(self.hours_days), self.hours_begin, self.hours_end, read_zone(self.hours_zone))

    def clean(self) -> None:
        """Hours that can be kept; a fallback and an escalation of the same environment, the fallback not leading back here."""
        problems: dict[str, Any] = {}
        for name, read in (("hours_days", read_days), ("hours_zone", read_zone)):
            try:
                read(getattr(self, name))
            except ValueError as error:
                problems[name] = str(error)
        if (self.hours_begin is None) != (self.hours_end is None):
            problems["hours_end"] = "Give both 'from' and 'until', or neither."
        if self.fallback is not None:
            problem = self.check_fallback(self.fallback)
            problems.update({"fallback": problem} if problem else {})
        if self.escalation is not None and (problem := self.check_escalation(self.escalation)):
            problems["escalation"] = problem
        if problems:
            raise ValidationError(problems)

    def check_escalation(self, escalation: "Target") -> str:
        """What is wrong with it, in words. It may lead back here: then those who did not answer are asked in turn."""
        if escalation.environment_id != self.environment_id:
            return FOREIGN
        if escalation.pk == self.pk:
            return "Leave it empty: this target is told again then."
        return "" if self.answer_minutes else "Say how many minutes there are to acknowledge."

    def check_fallback(self, fallback: "Target") -> str:
        """What is wrong with it, in words."""
        if fallback.environment_id != self.environment_id:
            return FOREIGN
        seen = {self.pk}
        place: Target | None = fallback
        while place is not None:
            if place.pk in seen:
                return "It would lead back to this target; choose one outside of the circle."
            seen.add(place.pk)
            place = place.fallback
        return ""
