"""Targets in the admin: first the kind is chosen, then the form asks what that integration needs."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action, display

from alerts.admin.target_form import ANSWER, HOURS, PLANNING, PREFIX, TargetForm, form_field
from alerts.changes import delete_target, note_change, only_told_by, refuse_last, save_target
from alerts.delivery.plan import plan_test
from alerts.delivery.preview import preview_message
from alerts.integrations.inbound import INBOUND
from alerts.integrations.registry import INTEGRATIONS
from alerts.models import Target
from alerts.targets import describe_health
from diagnostics.admin.scoped import EnvironmentFilter, ScopedAdmin
from diagnostics.core.permissions import Perm
from diagnostics.templatetags.shell import visible as visible_text


@admin.register(Target)
class TargetAdmin(ScopedAdmin):
    """Where alerts go."""

    read_perm = Perm.MANAGE_TARGETS
    write_perm = Perm.MANAGE_TARGETS
    list_display = ("name", "environment", "shown_kind", "enabled", "minimum_severity", "health")
    list_filter = (EnvironmentFilter, "kind", "enabled")
    search_fields = ("name",)
    actions_detail = ("send_test", "preview")
    readonly_fields = ("status",)

    def kind_of(self, request: HttpRequest, obj: Target | None) -> str:
        """The target's, or the one that was chosen for a new one."""
        chosen = obj.kind if obj else request.GET.get("kind", "")
        return chosen if chosen in INTEGRATIONS else ""

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Without a kind: choose one."""
        if not self.kind_of(request, None) and self.has_add_permission(request):
            context = {
                **self.admin_site.each_context(request),
                "title": "Where shall alerts go?",
                "opts": self.opts,
                "kept": self.kept_filters(request),
                "kinds": [(kind, each.label, each.help_text) for kind, each in INTEGRATIONS.items()],
            }
            return TemplateResponse(request, "admin/alerts/target/choose.html", context)
        return super().add_view(request, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Target | None = None, change: bool = False, **kwargs: Any) -> Any:
        """With the integration's own fields."""
        kind = self.kind_of(request, obj)
        fields = {PREFIX + field.name: form_field(field) for field in INTEGRATIONS[kind].fields}
        kwargs["form"] = type("TargetForm", (TargetForm,), {**fields, "kind": kind})
        kwargs["fields"] = TargetForm.Meta.fields
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Target | None = None) -> Any:
        """Common fields, then the integration's."""
        integration = INTEGRATIONS[self.kind_of(request, obj)]
        own = tuple(PREFIX + field.name for field in integration.fields)
        special = (*PLANNING, *ANSWER, *HOURS, "shared_fields")
        common = tuple(name for name in TargetForm.Meta.fields if name not in special)
        return [
            (None, {"fields": (*common, *(["status"] if obj else []))}),
            *([(integration.label, {"fields": own, "description": self.comes_back(request, obj)})] if own else []),
            ("What leaves the building", {"fields": ("shared_fields",)}),
            ("How much of it", {"fields": PLANNING}),
            ("When nobody answers", {"fields": ANSWER}),
            ("Working hours", {"fields": HOURS}),
        ]

    def comes_back(self, request: HttpRequest, obj: Target | None) -> str:
        """Where the receiver can say that somebody acknowledged or resolved there."""
        if self.kind_of(request, obj) not in INBOUND:
            return ""
        if obj is None:
            return "The address for what comes back is shown here once the target is saved."
        path = reverse("respond-hook", args=[obj.kind, obj.pk])
        return f"The address for what comes back: {settings.PUBLIC_URL}{path}"

    def save_model(self, request: HttpRequest, obj: Target, form: Any, change: bool) -> None:
        """Secrets are encrypted; the change is written down."""
        obj.kind, obj.config = form.kind, form.typed(secret=False)
        save_target(request.user, obj, form.typed(secret=True))

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Secrets that were made live as long as this request."""
        request.made_secrets = form.made  # type: ignore[attr-defined]
        return super().save_form(request, form, change)

    def response_add(self, request: HttpRequest, obj: Target, post_url_continue: str | None = None) -> HttpResponse:
        """Show what was made, this once."""
        made = request.made_secrets  # type: ignore[attr-defined]
        if not made:
            return super().response_add(request, obj, post_url_continue)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{obj.name} is saved",
            "opts": self.opts,
            "target": obj,
            "made": made,
        }
        response = TemplateResponse(request, "admin/alerts/target/made.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The last target of a rule stays, and the page says why."""
        to_delete, counts, perms, protected = super().get_deleted_objects(objs, request)
        rules = only_told_by(list(objs))
        return to_delete, counts, perms, [*protected, *([refuse_last(rules)] if rules else [])]

    def delete_model(self, request: HttpRequest, obj: Target) -> None:
        """Written down."""
        delete_target(request.user, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Target]) -> None:
        """The same for several."""
        for target in queryset:
            delete_target(request.user, target)

    def has_send_test_permission(self, request: HttpRequest, object_id: str | int) -> bool:
        """Who may change it may try it."""
        target = self.get_object(request, str(object_id))
        return target is not None and self.has_change_permission(request, target)

    @action(description="Send a test", url_path="send-test", permissions=["send_test"])
    def send_test(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Through the real path, with the real integration."""
        target = self.get_object(request, str(object_id))
        assert target is not None  # the permission found it
        notification = plan_test(target)
        note_change(request.user, "test", target)
        messages.info(request, "The test is on its way; this page shows what came of it.")
        return redirect(reverse("admin:alerts_notification_change", args=[notification.pk]))

    def has_preview_permission(self, request: HttpRequest, object_id: str | int) -> bool:
        """Who may change it may see what it sends."""
        return self.has_send_test_permission(request, object_id)

    @action(description="Preview a message", url_path="preview", permissions=["preview"])
    def preview(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """What would leave the building."""
        target = self.get_object(request, str(object_id))
        assert target is not None  # the permission found it
        about, text = preview_message(target, request.user)
        context = {
            **self.admin_site.each_context(request),
            "title": f"What {target.name} would be sent",
            "opts": self.opts,
            "target": target,
            "about": visible_text(about),
            "text": text,
        }
        return TemplateResponse(request, "admin/alerts/target/preview.html", context)

    @display(description="status")
    def status(self, target: Target) -> str:
        """In words."""
        return describe_health(target)

    @display(description="kind")
    def shown_kind(self, target: Target) -> str:
        """The integration's name."""
        integration = INTEGRATIONS.get(target.kind)
        return integration.label if integration else target.kind

    @display(description="health", label={"ok": "success", "failing": "danger", "off": "warning"})
    def health(self, target: Target) -> str:
        """How its last delivery went."""
        if not target.enabled:
            return "off"
        return "failing" if target.failing_since else "ok"
