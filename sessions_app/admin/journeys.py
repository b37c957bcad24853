"""Journeys in the admin: to look up; their pages show what happened."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from diagnostics.admin.scoped import EnvironmentFilter, ReadOnlyAdmin, shown
from diagnostics.core.permissions import Perm
from sessions_app.models import Journey


@admin.register(Journey)
class JourneyAdmin(ReadOnlyAdmin):
    """Sums of journeys."""

    read_perm = Perm.VIEW_SESSIONS
    list_display = (
        shown("journey_id"),
        "environment",
        "last_seen_at",
        "completed_at",
        "records",
        "errors",
        "crashed",
        "page",
    )
    list_filter = (EnvironmentFilter, "failed", "crashed")
    ordering = ("-last_seen_at",)
    sortable_by = ()

    @display(description="")
    def page(self, journey: Journey) -> SafeString:
        """To what happened on it."""
        return format_html(
            '<a href="{}">open</a>', reverse("journey", args=[journey.environment.slug, journey.journey_id])
        )
