"""The ledger: each alert to each target as a row, with every attempt. Fired = sent + suppressed + pending + failed."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from alerts.models.incident import Incident
from alerts.models.target import Target
from diagnostics.models import Environment


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
        BELOW_SEVERITY = "below_severity", "Below the target's minimum severity"
        TARGET_DISABLED = "target_disabled", "Target disabled"
        NO_RESOLVE = "no_resolve", "Target does not want resolves"
        NEVER_TRIGGERED = "never_triggered", "The trigger was never sent"
        OVERTAKEN = "overtaken", "Overtaken by a resolve"

    id = models.UUIDField(primary_key=True)  # also the webhook-id: the same on each attempt
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="notifications")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="notifications")
    action = models.CharField(max_length=12, choices=Action)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=20, choices=Reason, default=Reason.NONE, blank=True)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    give_up_at = models.DateTimeField()  # a page that comes too late is noise
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    time_to_alert_ms = models.PositiveIntegerField(null=True)  # from the deciding record's receipt to sent

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["incident", "target", "action"],
                condition=~Q(action="test"),
                name="notification_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="pending"), name="notification_due")
        ]

    def __str__(self) -> str:
        return f"{self.action} to {self.target_id}: {self.state}"


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

    def __str__(self) -> str:
        return f"{self.outcome} {self.status_code or ''}"


class InboxMessage(models.Model):
    """A notification in the product itself: what the inbox target writes, shown to who may see incidents there."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="inbox_messages")
    notification = models.OneToOneField(Notification, on_delete=models.CASCADE, related_name="inbox_message")
    created_at = models.DateTimeField(auto_now_add=True)
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    read_by = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def write(cls, notification_id: str, title: str, text: str) -> None:
        """The message of a notification; writing it again changes nothing."""
        environment_id = Notification.objects.values_list("incident__environment_id", flat=True).get(pk=notification_id)
        defaults = {"environment_id": environment_id, "title": title[:300], "text": text}
        cls.objects.get_or_create(notification_id=notification_id, defaults=defaults)
