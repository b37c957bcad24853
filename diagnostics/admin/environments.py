"""Environments in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from diagnostics.admin.scoped import ScopedAdmin
from diagnostics.core.access import visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.environments import furnish, new_pseudonym_key
from diagnostics.models import Environment
from diagnostics.privacy.audit import record_event


@admin.register(Environment)
class EnvironmentAdmin(ScopedAdmin):
    """Making one needs a superuser: nobody holds permissions in what is not there yet. Deleting is not offered here:
    it would take every record along at the slip of a hand."""

    read_perm = Perm.MANAGE_ENVIRONMENT
    write_perm = Perm.MANAGE_ENVIRONMENT
    may_delete = False
    list_select_related = False
    list_display = (
        "name",
        "slug",
        "kind",
        "streaming_enabled",
        "snapshots_enabled",
        "tracing_enabled",
        "retention_days",
    )
    search_fields = ("name", "slug")
    fieldsets = (
        (None, {"fields": ("name", "slug", "kind")}),
        ("Switches", {"fields": ("streaming_enabled", "snapshots_enabled", "tracing_enabled")}),
        ("Limits", {"fields": ("retention_days", "restricted_retention_days")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Environment]:
        """Those that the person manages."""
        return visible_environments(request.user, self.read_perm)

    def environment_of(self, row: Environment) -> Environment:
        """It is one."""
        return row

    def has_add_permission(self, request: HttpRequest, obj: Environment | None = None) -> bool:
        """Superusers."""
        return bool(getattr(request.user, "is_superuser", False))

    def get_readonly_fields(self, request: HttpRequest, obj: Environment | None = None) -> Any:
        """Links hold the slug."""
        return ["slug"] if obj is not None else []

    def save_model(self, request: HttpRequest, obj: Environment, form: Any, change: bool) -> None:
        """A new one gets all that it needs to work."""
        if not change:
            obj.pseudonym_key = new_pseudonym_key()
        super().save_model(request, obj, form, change)
        furnish(obj)
        verb = "environment.change" if change else "environment.create"
        record_event(request.user, verb, f"environment {obj.slug}", obj, fields=sorted(form.changed_data))
