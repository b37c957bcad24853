"""Access events in the admin: to read. The audit page shows more of them: what was before and after, and the chain."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from diagnostics.admin.scoped import BoundedPaginator, ClosedLookups, EnvironmentFilter
from diagnostics.core.permissions import Perm
from diagnostics.models import AccessEvent
from diagnostics.privacy.trail import visible_events
from diagnostics.views.held import held_anywhere


@admin.register(AccessEvent)
class AccessEventAdmin(ClosedLookups, ModelAdmin):
    """Who did or saw what: to read, for who manages access."""

    list_display = ("at", "actor_name", "action", "subject", "environment_slug")
    list_filter = (EnvironmentFilter, "action")
    read_perm = Perm.MANAGE_ACCESS
    search_fields = ("subject", "actor_name")
    exclude = ("digest",)
    paginator = BoundedPaginator
    show_full_result_count = False
    list_fullwidth = True
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Events of the environments whose access the person manages; a superuser sees all."""
        return visible_events(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever manages access somewhere."""
        return Perm.MANAGE_ACCESS in held_anywhere(request)

    def has_view_permission(self, request: HttpRequest, obj: AccessEvent | None = None) -> bool:
        """The same; the query set cuts the rows."""
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Append-only, by the product."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AccessEvent | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AccessEvent | None = None) -> bool:
        """Never."""
        return False
