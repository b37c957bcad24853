"""Monitors in the admin: a plain form that shows when the job will be due."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from alerts.models import Monitor
from alerts.monitors.changes import delete_monitor, pause_monitor, resume_monitor, rotate_ping, save_monitor
from alerts.monitors.schedule import upcoming
from diagnostics.admin.scoped import EnvironmentFilter, ScopedAdmin, shown
from diagnostics.core import clock
from diagnostics.core.access import visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.templatetags.shell import ago, full

COUNT = 5


@admin.register(Monitor)
class MonitorAdmin(ScopedAdmin):
    """Jobs that must report on time."""

    read_perm = Perm.MANAGE_RULES
    write_perm = Perm.MANAGE_RULES
    list_display = (shown("name"), "environment", "shown_state", "shown_schedule", "shown_checked_at", "severity")
    list_filter = (EnvironmentFilter, "paused", "severity")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    actions = ("pause", "resume", "rotate")
    readonly_fields = ("shown_next", "shown_ping", "shown_page")
    fieldsets = (
        (None, {"fields": ("environment", "name", "slug", "severity", "paused")}),
        ("When it is due", {"fields": ("schedule", "zone", "grace_minutes", "longest_minutes", "shown_next")}),
        ("When it is told", {"fields": ("opens_after",)}),
        ("How it reports", {"fields": ("shown_ping", "shown_page")}),
    )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """In the environment whose page was looked at; who has one is not asked to choose it."""
        mine = list(visible_environments(request.user, Perm.MANAGE_RULES)[:2])
        only = {"environment": mine[0].pk} if len(mine) == 1 else {}
        return {**only, **super().get_changeform_initial_data(request)}

    def get_fieldsets(self, request: HttpRequest, obj: Monitor | None = None) -> Any:
        """One that is not there yet has no address."""
        found = super().get_fieldsets(request, obj)
        return found if obj else [(name, options) for name, options in found if name != "How it reports"]

    def get_readonly_fields(self, request: HttpRequest, obj: Monitor | None = None) -> Any:
        """The slug stays: jobs report to it."""
        found = super().get_readonly_fields(request, obj)
        return [*found, "slug"] if obj else found

    def get_prepopulated_fields(self, request: HttpRequest, obj: Monitor | None = None) -> Any:
        """Likewise."""
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: Monitor, form: Any, change: bool) -> None:
        """Written down."""
        save_monitor(request.user, obj)

    def delete_model(self, request: HttpRequest, obj: Monitor) -> None:
        """Written down; what it opened is resolved."""
        delete_monitor(request.user, obj)

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Monitor]") -> None:
        """The same for several."""
        for monitor in queryset.select_related("environment"):
            delete_monitor(request.user, monitor)

    @display(description="state", label={"up": "success", "down": "danger", "late": "warning", "running": "info"})
    def shown_state(self, monitor: Monitor) -> str:
        """How it stands."""
        return monitor.state

    @display(description="schedule")
    def shown_schedule(self, monitor: Monitor) -> str:
        """In words."""
        return monitor.timing.say()

    @display(description="last check-in")
    def shown_checked_at(self, monitor: Monitor) -> str:
        """How long ago."""
        return ago(monitor.checked_at)

    @display(description="due next")
    def shown_next(self, monitor: Monitor) -> SafeString | str:
        """The next five times by the schedule as it is saved."""
        if monitor.pk is None:
            return "When it is saved, the next five times stand here."
        times = upcoming(monitor.timing, clock.now(), COUNT)
        said = format_html_join("", "<li>{}</li>", ((full(moment),) for moment in times))
        note = "" if monitor.checked_at else "Nothing is expected until it first checks in."
        return format_html("<ul>{}</ul>{}", said, note)

    @display(description="ping address")
    def shown_ping(self, monitor: Monitor) -> SafeString:
        """Needs no key; whoever knows it may report for this job."""
        return format_html("<code>{}</code>", reverse("ping", args=[monitor.ping_id]))

    @display(description="examples")
    def shown_page(self, monitor: Monitor) -> SafeString:
        """For curl, crontab and systemd, on its page."""
        address = reverse("monitor", args=[monitor.environment.slug, monitor.pk])
        return format_html('<a href="{}">On the monitor\'s page</a>', address)

    @admin.action(description="Pause", permissions=["change"])
    def pause(self, request: HttpRequest, queryset: "QuerySet[Monitor]") -> None:
        """Expect nothing of them."""
        for monitor in self.changeable(request, queryset):
            pause_monitor(request.user, monitor)
            messages.success(request, f"{monitor.name} is paused.")

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request: HttpRequest, queryset: "QuerySet[Monitor]") -> None:
        """Expect them from now on."""
        for monitor in self.changeable(request, queryset):
            resume_monitor(request.user, monitor)
            messages.success(request, f"{monitor.name} is expected again.")

    @admin.action(description="Give a new ping address", permissions=["change"])
    def rotate(self, request: HttpRequest, queryset: "QuerySet[Monitor]") -> None:
        """The one before works no more."""
        for monitor in self.changeable(request, queryset):
            rotate_ping(request.user, monitor)
            messages.success(request, f"{monitor.name} has a new ping address; the one before works no more.")

    def changeable(self, request: HttpRequest, rows: "QuerySet[Monitor]") -> list[Monitor]:
        """Those that the person may change."""
        found = rows.select_related("environment")
        return [monitor for monitor in found if self.has_change_permission(request, monitor)]
