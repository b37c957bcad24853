"""What the product proposes to change about rules, with the evidence; and how far the daily look for it is."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from alerts.models.rule import AlertRule
from diagnostics.models import Environment


class Suggestion(models.Model):
    """One proposal. At most one is open for a fingerprint: kind, signal and what it is about."""

    class Kind(models.TextChoices):
        THRESHOLD = "threshold", "A limit of its own"
        RETUNE = "retune", "Another limit"
        MUTE = "mute", "Mute for a week"
        HEARTBEAT = "heartbeat", "Tell when it falls silent"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"
        DISMISSED = "dismissed", "Dismissed"
        EXPIRED = "expired", "Expired"
        UNDONE = "undone", "Undone"  # accepted, and taken back

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="suggestions")
    kind = models.CharField(max_length=10, choices=Kind)
    rule = models.ForeignKey(AlertRule, null=True, on_delete=models.CASCADE, related_name="suggestions")  # it is about
    service_name = models.CharField(max_length=200, blank=True)
    fingerprint = models.CharField(max_length=64)
    revision = models.PositiveIntegerField(default=1)  # grows when a later look changes what is proposed
    change = models.JSONField(default=dict)  # what accepting does: fields of a rule, what they were, who is left out
    evidence = models.JSONField(default=dict)  # numbers only, and names of services and rules
    weight = models.FloatField(default=0)  # the most useful first
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # the last look that found it still true
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    outcome = models.ForeignKey(AlertRule, null=True, on_delete=models.SET_NULL, related_name="+")  # made or changed

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-weight", "-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["environment", "fingerprint"], condition=Q(state="open"), name="suggestion_one_open"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["environment", "state", "-weight"], name="suggestion_listed"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.service_name or self.rule or self.environment}"

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet, and it is still true."""
        return self.state == self.State.OPEN


class SuggestionScan(models.Model):
    """The look at an environment's last week: worked off in slices, begun anew each day."""

    environment = models.OneToOneField(
        Environment, on_delete=models.CASCADE, primary_key=True, related_name="suggestion_scan"
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)  # somebody is at it
    work = models.JSONField(default=dict)  # services that are still to be looked at, trials that are waited for

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.environment_id}: {'done' if self.finished_at else 'under way'}"
