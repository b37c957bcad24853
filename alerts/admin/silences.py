"""Silences in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from alerts.changes import delete_silence, save_silence
from alerts.models import Silence
from diagnostics.admin.scoped import EnvironmentFilter, ScopedAdmin
from diagnostics.core import clock
from diagnostics.core.permissions import Perm


@admin.register(Silence)
class SilenceAdmin(ScopedAdmin):
    """Incidents still open and are shown; nobody is told."""

    read_perm = Perm.RESPOND_INCIDENTS
    write_perm = Perm.RESPOND_INCIDENTS
    list_display = (
        "reason",
        "environment",
        "rule",
        "service_name",
        "severity",
        "state",
        "starts_at",
        "ends_at",
        "author",
    )
    list_filter = (EnvironmentFilter,)
    list_select_related = ("environment", "rule", "author")
    fieldsets = (
        (None, {"fields": ("environment", "reason", "starts_at", "ends_at")}),
        ("What it silences", {"fields": ("rule", "service_name", "severity")}),
        ("A window that comes again", {"fields": ("days", "window_begin", "window_end", "zone")}),
    )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From now on."""
        return {"starts_at": clock.now(), **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Silence, form: Any, change: bool) -> None:
        """Written down, with its author."""
        if not change:
            obj.author_id = request.user.pk
        save_silence(request.user, obj)

    def delete_model(self, request: HttpRequest, obj: Silence) -> None:
        """Written down."""
        delete_silence(request.user, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Silence]) -> None:
        """The same for several."""
        for silence in queryset:
            delete_silence(request.user, silence)

    @display(description="state", label={"active": "warning", "over": "info", "later": "info"})
    def state(self, silence: Silence) -> str:
        """Whether it holds now."""
        now = clock.now()
        if silence.ends_at <= now:
            return "over"
        return "active" if silence.holds_at(now) else "later"
