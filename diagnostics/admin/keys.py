"""Ingest keys and API tokens in the admin. A key's text is shown once, on the page that answers its making."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin
from unfold.decorators import display

from diagnostics.admin.scoped import EnvironmentFilter, ScopedAdmin
from diagnostics.core.credentials import new_credential
from diagnostics.core.permissions import Perm
from diagnostics.ingest.keys import revoke_key, save_key
from diagnostics.models import ApiToken, IngestKey
from diagnostics.privacy.audit import record_event
from diagnostics.privacy.sudo import SudoAdmin
from diagnostics.tokens import revoke_token


@admin.register(IngestKey)
class IngestKeyAdmin(SudoAdmin, ScopedAdmin):
    """Made here, revoked here, never read here."""

    read_perm = Perm.MANAGE_ENVIRONMENT
    write_perm = Perm.MANAGE_ENVIRONMENT
    may_delete = False
    list_display = ("name", "environment", "shown_prefix", "state", "records_only", "created_at", "last_used_at")
    list_filter = (EnvironmentFilter,)
    search_fields = ("name", "prefix")
    actions = ("revoke",)
    fields = ("environment", "name", "records_only", "quota_per_second", "quota_per_day")

    def get_fields(self, request: HttpRequest, obj: IngestKey | None = None) -> Any:
        """The rest is known once it exists."""
        known = ("prefix", "created_at", "last_used_at", "revoked_at")
        return (*self.fields, *known) if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: IngestKey | None = None) -> Any:
        """All but its name."""
        return ("environment", "prefix", "created_at", "last_used_at", "revoked_at") if obj else ()

    def save_model(self, request: HttpRequest, obj: IngestKey, form: Any, change: bool) -> None:
        """A new key keeps its hash; the text lives as long as this request."""
        if not change:
            credential = new_credential("dk")
            obj.prefix, obj.digest = credential.prefix, credential.digest
            request.new_key = credential.text  # type: ignore[attr-defined]
        save_key(request.user, obj)

    def response_add(self, request: HttpRequest, obj: IngestKey, post_url_continue: str | None = None) -> HttpResponse:
        """Show the text, this once."""
        context = {
            **self.admin_site.each_context(request),
            "title": f"Ingest key “{obj.name}”",
            "opts": self.opts,
            "key": obj,
            "text": request.new_key,  # type: ignore[attr-defined]
            "address": request.build_absolute_uri("/"),
            "scheme": request.scheme,
            "host": request.get_host(),
        }
        response = TemplateResponse(request, "admin/diagnostics/ingestkey/made.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response

    @admin.action(description="Revoke (senders with these keys are refused from now on)", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[IngestKey]) -> None:
        """For good."""
        for key in queryset.select_related("environment"):
            revoke_key(key)
            record_event(request.user, "key.revoke", f"ingest key {key.pk} {key}", key.environment, of=key)
        messages.success(request, "Revoked. Senders with these keys get 401 within a few seconds.")

    @display(description="key")
    def shown_prefix(self, key: IngestKey) -> str:
        """Enough to recognise it."""
        return f"{key.prefix}…"

    @display(description="state", label={"active": "success", "revoked": "danger"})
    def state(self, key: IngestKey) -> str:
        """Whether it works."""
        return "revoked" if key.revoked_at else "active"


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """Everybody's tokens, for superusers: to see and revoke. People make their own on their account page."""

    list_display = ("name", "user", "prefix", "environment", "created_at", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("user", "environment")
    actions = ("revoke",)
    list_fullwidth = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        """Nobody else learns which there are."""
        rows: QuerySet[ApiToken] = super().get_queryset(request)
        return rows if self.has_change_permission(request) else rows.none()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody makes a token for somebody else."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """Superusers; for the action."""
        return bool(getattr(request.user, "is_superuser", False))

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """Revoked ones stay, to be answerable for."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        """All."""
        return (
            "user",
            "name",
            "prefix",
            "permissions",
            "environment",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        )

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """For good."""
        for token in queryset.select_related("user"):
            revoke_token(token)
            record_event(request.user, "token.revoke", f"token {token} of {token.user}", token.environment)
        messages.success(request, "Revoked.")
