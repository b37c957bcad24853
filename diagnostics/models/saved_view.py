"""Saved views: searches that somebody gave a name."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from diagnostics.core import clock
from diagnostics.models.environment import Environment


def leave_shared(collector: Any, field: Any, rows: Any, using: str) -> None:
    """What a deleted account leaves behind: shared views stay, without an owner; personal ones go with it."""
    models.CASCADE(collector, field, rows.filter(is_shared=False), using)
    models.SET_NULL(collector, field, rows.filter(is_shared=True), using)


class SavedView(models.Model):
    """A page's search in one environment: somebody's own, or shared with everybody who may see the page there.

    `params` are the page's parameters, checked when they come and again when they are used; people stand in them as
    pseudonyms. `about` repeats the pseudonyms and session ids among them: by these an erasure finds the view. Neither is
    editable in the sense of the audit trail, which could not forget them.
    """

    class Page(models.TextChoices):
        LOGS = "logs", "Logs"
        LIVE = "live", "Live"
        SESSIONS = "sessions", "Sessions"
        TRACES = "traces", "Traces"

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="saved_views")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=leave_shared, related_name="saved_views", editable=False
    )
    page = models.CharField(max_length=20, choices=Page)
    name = models.CharField(max_length=80)
    params = models.JSONField(default=dict, editable=False)
    about = models.JSONField(default=list, editable=False)
    is_shared = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    changed_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["name", "pk"]
        indexes: ClassVar = [models.Index(fields=["environment", "page"], name="saved_view_page")]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="saved_view_is_somebodys", condition=Q(is_shared=True) | Q(owner__isnull=False)
            ),
            models.UniqueConstraint(
                name="saved_view_one_default", fields=["owner", "environment", "page"], condition=Q(is_default=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name
