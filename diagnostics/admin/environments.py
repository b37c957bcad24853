"""Environments in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.decorators import action

from diagnostics.admin.scoped import ScopedAdmin
from diagnostics.core.access import is_almighty, visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.environments import save_environment
from diagnostics.models import Environment
from diagnostics.privacy.link import measure_link
from diagnostics.privacy.pseudonyms import destroy_keys, living, rotate_key
from diagnostics.privacy.sudo import SudoAdmin, ask_again, has_sudo


@admin.register(Environment)
class EnvironmentAdmin(SudoAdmin, ScopedAdmin):
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
    actions_detail = ("pseudonyms", "processing")
    fieldsets = (
        (None, {"fields": ("name", "slug", "kind")}),
        ("Switches", {"fields": ("streaming_enabled", "snapshots_enabled", "tracing_enabled")}),
        ("Restricted fields", {"fields": ("reveal_needs_reason",)}),
        ("Ingest quota", {"fields": ("ingest_quota_per_second", "ingest_quota_per_day")}),
        (
            "Retention",
            {
                "fields": (
                    "retention_days",
                    "restricted_retention_days",
                    "incident_retention_days",
                    "snapshot_retention_days",
                )
            },
        ),
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
        """Links hold the slug; and the kind decides what roles hold, the asking person's own among them."""
        if obj is None:
            return []
        return ["slug"] if is_almighty(request.user) else ["slug", "kind"]

    def save_model(self, request: HttpRequest, obj: Environment, form: Any, change: bool) -> None:
        """A new one gets all that it needs to work; what changed is written down."""
        save_environment(request.user, obj)

    def has_manage_permission(self, request: HttpRequest, object_id: str | int) -> bool:
        """Of this very environment."""
        row = self.get_object(request, str(object_id))
        return row is not None and self.has_change_permission(request, row)

    @action(description="Pseudonym key", url_path="pseudonyms", permissions=["manage"])
    def pseudonyms(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Rotate or destroy it, with what will be lost named first."""
        row = self.get_object(request, str(object_id))
        assert row is not None  # the permission found it
        if not has_sudo(request):
            return ask_again(request)
        act, problem = request.POST.get("act", ""), ""
        if act == "rotate":
            until = rotate_key(row, request.user)
            messages.success(request, f"Rotated. Old records are found by user id until {until:%Y-%m-%d %H:%M} UTC.")
        elif act == "destroy" and request.POST.get("confirm", "").strip() != row.slug:
            problem = f"Nothing was destroyed: type {row.slug} to confirm."
        elif act == "destroy":
            destroy_keys(row, request.user)
            messages.success(request, "Destroyed. New records get new pseudonyms.")
        if act and not problem:
            return redirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Pseudonym key of {row}",
            "opts": self.opts,
            "row": row,
            "link": measure_link(row),
            "retired": len(living(row.retired_pseudonym_keys)),
            "problem": problem,
        }
        return TemplateResponse(request, "admin/diagnostics/environment/pseudonyms.html", context)

    @action(description="Record of processing", url_path="processing", permissions=["manage"])
    def processing(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """It is a page of the environment."""
        row = self.get_object(request, str(object_id))
        assert row is not None  # the permission found it
        return redirect("processing", row.slug)
