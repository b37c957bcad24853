"""Targets in the admin: first the kind is chosen, then the form asks what that integration needs."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from alerts.changes import check_target, delete_target, note_change, save_target
from alerts.delivery.plan import plan_test
from alerts.integrations.registry import INTEGRATIONS
from alerts.models import Target
from alerts.targets import read_secrets
from diagnostics.admin.scoped import EnvironmentFilter, ScopedAdmin
from diagnostics.core.permissions import Perm

PREFIX = "field_"
PLANNING = ("hourly_budget", "digest_seconds", "fallback")
HOURS = ("hours_days", "hours_begin", "hours_end", "hours_zone", "urgent_severity")


class TargetForm(forms.ModelForm):
    """The model's fields, and those of the integration; `kind` is set by the subclass."""

    kind = ""

    class Meta:
        model = Target
        fields = ("environment", "name", "enabled", "minimum_severity", "send_resolved", *PLANNING, *HOURS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = read_secrets(self.instance) if self.instance.pk else {}
        for field in INTEGRATIONS[self.kind].fields:
            if field.is_secret and field.name in known:
                shown = self.fields[PREFIX + field.name]
                shown.help_text = f"{shown.help_text} Set; leave it empty to keep it."
            elif not field.is_secret:
                self.initial[PREFIX + field.name] = self.instance.config.get(field.name, "")

    def typed(self, *, secret: bool) -> dict[str, str]:
        """What was typed into the integration's fields."""
        found = {
            field.name: self.cleaned_data.get(PREFIX + field.name, "").strip()
            for field in INTEGRATIONS[self.kind].fields
            if field.is_secret == secret
        }
        return {name: value for name, value in found.items() if value}

    def clean(self) -> dict[str, Any]:
        """The integration says what it needs."""
        cleaned = super().clean() or {}
        known = read_secrets(self.instance) if self.instance.pk else {}
        for problem in check_target(self.kind, self.typed(secret=False), {**known, **self.typed(secret=True)}):
            self.add_error(None, problem)
        return cleaned


@admin.register(Target)
class TargetAdmin(ScopedAdmin):
    """Where alerts go."""

    read_perm = Perm.MANAGE_TARGETS
    write_perm = Perm.MANAGE_TARGETS
    list_display = ("name", "environment", "shown_kind", "enabled", "minimum_severity", "health")
    list_filter = (EnvironmentFilter, "kind", "enabled")
    search_fields = ("name",)
    actions_detail = ("send_test",)

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
                "kinds": [(kind, integration.label) for kind, integration in INTEGRATIONS.items()],
            }
            return TemplateResponse(request, "admin/alerts/target/choose.html", context)
        return super().add_view(request, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Target | None = None, change: bool = False, **kwargs: Any) -> Any:
        """With the integration's own fields."""
        kind = self.kind_of(request, obj)
        fields = {
            PREFIX + field.name: forms.CharField(
                label=field.label,
                help_text=field.help_text,
                required=False,  # the integration says what is missing
                max_length=2000,
                widget=UnfoldAdminPasswordWidget(render_value=False, attrs={"autocomplete": "off"})
                if field.is_secret
                else UnfoldAdminTextInputWidget(),
            )
            for field in INTEGRATIONS[kind].fields
        }
        kwargs["form"] = type("TargetForm", (TargetForm,), {**fields, "kind": kind})
        kwargs["fields"] = TargetForm.Meta.fields
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Target | None = None) -> Any:
        """Common fields, then the integration's."""
        integration = INTEGRATIONS[self.kind_of(request, obj)]
        own = tuple(PREFIX + field.name for field in integration.fields)
        common = tuple(name for name in TargetForm.Meta.fields if name not in (*PLANNING, *HOURS))
        return [
            (None, {"fields": common}),
            *([(integration.label, {"fields": own})] if own else []),
            ("How much of it", {"fields": PLANNING}),
            ("Working hours", {"fields": HOURS}),
        ]

    def save_model(self, request: HttpRequest, obj: Target, form: Any, change: bool) -> None:
        """Secrets are encrypted; the change is written down."""
        obj.kind, obj.config = form.kind, form.typed(secret=False)
        save_target(request.user, obj, form.typed(secret=True))

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
