"""Sessions in the admin: to look up."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from diagnostics.admin.scoped import EnvironmentFilter, ReadOnlyAdmin, shown
from diagnostics.core.permissions import Perm
from sessions_app.models import LogSession


@admin.register(LogSession)
class LogSessionAdmin(ReadOnlyAdmin):
    """Sums of sessions; the page of a session shows what happened."""

    read_perm = Perm.VIEW_SESSIONS
    list_display = (
        shown("session_id"),
        "environment",
        "user_key",
        "last_seen_at",
        "records",
        "errors",
        "crashed",
        "page",
    )
    list_filter = (EnvironmentFilter, "crashed")
    ordering = ("-last_seen_at",)
    sortable_by = ()

    @display(description="")
    def page(self, session: LogSession) -> SafeString:
        """To what happened in it."""
        return format_html(
            '<a href="{}">open</a>', reverse("session", args=[session.environment.slug, session.session_id])
        )
