"""Incidents and notifications in the admin: to look up; people respond on the incident's page."""

from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import display

from alerts.models import DeliveryAttempt, Incident, Notification
from diagnostics.admin.scoped import EnvironmentFilter, ReadOnlyAdmin, shown
from diagnostics.core.permissions import Perm
from diagnostics.templatetags.shell import visible

REFRESH_SECONDS: Final = 3


def incident_link(incident: Incident, text: str) -> SafeString:
    """To the incident's page."""
    return format_html('<a href="{}">{}</a>', reverse("incident", args=[incident.environment.slug, incident.pk]), text)


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    """All incidents of the person's environments."""

    read_perm = Perm.VIEW_INCIDENTS
    list_display = (shown("title"), "environment", "state", "severity", "opened_at", "resolved_at", "page")
    list_filter = (EnvironmentFilter, "state", "severity")
    fields = (
        "environment", "rule_name", "state", "severity", "title", "summary", "service_name", "started_at", "opened_at",
        "acknowledged_at", "resolved_at",
    )  # fmt: skip

    @display(description="")
    def page(self, incident: Incident) -> SafeString:
        """Where people respond."""
        return incident_link(incident, "open")


class AttemptInline(TabularInline):
    """Each try."""

    model = DeliveryAttempt
    fields = ("started_at", "outcome", "status_code", "duration_ms", "error")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By delivery alone."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The notification's page has asked."""
        return True


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """The ledger: who was told what, when, and what came of it."""

    read_perm = Perm.VIEW_INCIDENTS
    environment_path = "target__environment"  # a target is told of its own environment alone
    list_display = ("created_at", "shown_incident", "target", "action", "state", "reason", "attempts", "sent_at")
    list_filter = ("state", "action")
    list_select_related = ("incident__environment", "target__environment")
    inlines = (AttemptInline,)
    fields = (
        "target",
        "action",
        "state",
        "reason",
        "created_at",
        "attempts",
        "next_attempt_at",
        "sent_at",
        "time_to_alert_ms",
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is not waiting has no next attempt."""
        waits = obj is None or obj.state == Notification.State.PENDING
        return [name for name in self.fields if waits or name != "next_attempt_at"]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A test that is on its way: the page is asked for again until it has arrived, or has failed."""
        response = super().change_view(request, object_id, form_url, extra_context)
        row = self.get_object(request, object_id)
        if row is not None and row.action == Notification.Action.TEST and row.state == Notification.State.PENDING:
            response.headers["Refresh"] = str(REFRESH_SECONDS)
        return response

    @display(description="incident")
    def shown_incident(self, notification: Notification) -> SafeString | str:
        """To the incident's page; a test is about none."""
        incident = notification.incident
        return incident_link(incident, visible(incident.title)) if incident else "none: a test"
