"""Environments in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from diagnostics.admin.scoped import ScopedAdmin
from diagnostics.core.access import visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.environments import save_environment
from diagnostics.models import Environment


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
        ("Restricted fields", {"fields": ("reveal_needs_reason",)}),
        ("Ingest quota", {"fields": ("ingest_quota_per_second", "ingest_quota_per_day")}),
        ("Retention", {"fields": ("retention_days", "restricted_retention_days", "incident_retention_days")}),
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
        """A new one gets all that it needs to work; what changed is written down."""
        save_environment(request.user, obj)
