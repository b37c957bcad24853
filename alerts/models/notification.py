"""The ledger: each alert to each target as a row, with every attempt. Fired = sent + suppressed + pending + failed."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from alerts.models.history import IncidentEvent
from alerts.models.incident import Incident
from alerts.models.rule import Severity
from alerts.models.silence import Silence
from alerts.models.target import Target


class Notification(models.Model):
    """One thing to tell one target; written in the transaction that changed the incident, claimed by delivery."""

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        SENT = "sent", "Sent"
        SUPPRESSED = "suppressed", "Suppressed"
        FAILED = "failed", "Failed"

    class Action(models.TextChoices):
        TRIGGER = "trigger", "Trigger"
        UPDATE = "update", "Update"  # it became worse, or something else that must be told while it is open
        ACKNOWLEDGE = "acknowledge", "Acknowledge"
        RESOLVE = "resolve", "Resolve"
        DIGEST = "digest", "Several in one message"
        TEST = "test", "Test"

    class Reason(models.TextChoices):
        NONE = "", "—"
        SILENCED = "silenced", "Silenced"
        MUTED = "muted", "Rule muted"
        SNOOZED = "snoozed", "Incident snoozed"
        STORM = "storm", "Told by the storm's summary"
        FLAPPING = "flapping", "It flaps: told by the digest"
        GROUPED = "grouped", "Joined an open incident"
        COOLDOWN = "cooldown", "The rule's cool-down"
        DIGEST = "digest", "Told in a digest"
        OUTSIDE_HOURS = "outside_hours", "Outside of its hours: the fallback is told"
        BELOW_SEVERITY = "below_severity", "Below the target's minimum severity"
        TARGET_DISABLED = "target_disabled", "Target disabled"
        NO_RESOLVE = "no_resolve", "Target does not want resolves"
        NEVER_TRIGGERED = "never_triggered", "The trigger was never sent"
        OVERTAKEN = "overtaken", "Overtaken by a resolve"

    id = models.UUIDField(primary_key=True)  # also the webhook-id: the same on each attempt
    incident = models.ForeignKey(
        Incident, null=True, on_delete=models.CASCADE, related_name="notifications"
    )  # None: a test, which is about none
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="notifications")
    event = models.ForeignKey(IncidentEvent, null=True, on_delete=models.CASCADE, related_name="notifications")
    rule_name = models.CharField(max_length=120, blank=True)  # which fired; by name, so that it outlives the rule
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.ERROR)  # when this was planned
    priority = models.PositiveSmallIntegerField(default=0)  # the highest goes first
    alerts = models.PositiveIntegerField(default=1)  # how many alerts this row stands for
    action = models.CharField(max_length=12, choices=Action)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=20, choices=Reason, default=Reason.NONE, blank=True)
    detail = models.CharField(max_length=300, blank=True)  # the step that led here, in words
    silence = models.ForeignKey(Silence, null=True, on_delete=models.SET_NULL, related_name="hidden")
    told_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="members")  # the digest
    fallback_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="fallbacks")
    is_held = models.BooleanField(default=False)  # waits to be told together with others
    not_before = models.DateTimeField(null=True)  # the target's hours begin then
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    give_up_at = models.DateTimeField()  # a page that comes too late is noise
    attempts = models.PositiveSmallIntegerField(default=0)
    unanswered_at = models.DateTimeField(null=True)  # the target's time to acknowledge was over, and nobody had
    sent_at = models.DateTimeField(null=True)
    time_to_alert_ms = models.PositiveIntegerField(null=True)  # from the deciding record's receipt to sent

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["event", "target"],
                condition=Q(event__isnull=False),
                name="notification_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="pending"), name="notification_due"),
            models.Index(fields=["target", "-created_at"], name="notification_of_target"),
            models.Index(fields=["-created_at"], name="notification_newest"),
            models.Index(fields=["created_at"], condition=Q(action="resolve"), name="notification_end"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} to {self.target}: {self.get_state_display().lower()}"

    @property
    def about(self) -> Incident:
        """The incident, of all but tests."""
        if self.incident is None:
            raise ValueError("A test is about no incident.")
        return self.incident


class DeliveryAttempt(models.Model):
    """One try: its row is written before the call, so that a crash in between shows as 'unknown'."""

    class Outcome(models.TextChoices):
        UNKNOWN = "unknown", "Unknown (interrupted)"
        SENT = "sent", "Sent"
        RETRY = "retry", "Failed, will be tried again"
        PERMANENT = "permanent", "Refused for good"

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="delivery_attempts")
    started_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.UNKNOWN)
    status_code = models.PositiveSmallIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)  # redacted, bounded

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["started_at"]
        indexes: ClassVar = [models.Index(fields=["started_at"], name="attempt_started")]

    def __str__(self) -> str:
        return f"{self.outcome} {self.status_code or ''}"


class Fired(models.Model):
    """How many alerts were fired at a target about an incident, counted when they were planned: what the ledger's states
    must add up to."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="fired")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="fired")
    rule_name = models.CharField(max_length=120, blank=True)
    alerts = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["incident", "target", "rule_name"], name="fired_once")]

    def __str__(self) -> str:
        return f"{self.alerts} at {self.target_id}"


class Bucket(models.Model):
    """What is left of a target's budget: a token a message, refilled steadily. In PostgreSQL, so that it outlives all."""

    target = models.OneToOneField(Target, on_delete=models.CASCADE, primary_key=True, related_name="bucket")
    tokens = models.FloatField()
    filled_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.tokens:.1f}"
