"""The inbox in the product."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models import Q

from alerts.models.notification import Notification
from diagnostics.models import Environment


class InboxMessage(models.Model):
    """A notification as the inbox target writes it, shown to who may see incidents there; or a word to one person."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="inbox_messages")
    notification = models.OneToOneField(Notification, null=True, on_delete=models.CASCADE, related_name="inbox_message")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )  # None: everybody who may see incidents of the environment
    created_at = models.DateTimeField(auto_now_add=True)
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    read_by = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["environment", "-created_at"], name="inbox_newest")]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def write(cls, notification_id: str, title: str, text: str) -> None:
        """The message of a notification; writing it again changes nothing."""
        environment_id = Notification.objects.values_list("target__environment_id", flat=True).get(pk=notification_id)
        defaults = {"environment_id": environment_id, "title": title[:300], "text": text}
        cls.objects.get_or_create(notification_id=notification_id, defaults=defaults)

    @classmethod
    def of(cls, person_id: int | None) -> "models.QuerySet[InboxMessage]":
        """What is meant for the person; whether they may see the environment is asked at the door."""
        return cls.objects.filter(Q(person=None) | Q(person=person_id))

    @classmethod
    def new_to(cls, person: AbstractBaseUser | AnonymousUser) -> "models.QuerySet[InboxMessage]":
        """What the person has not read; what was written before they came is no news to them."""
        joined = getattr(person, "date_joined", None)
        unread = cls.of(person.pk).exclude(read_by=person.pk)
        return unread.filter(created_at__gte=joined) if joined else unread
