"""Alert rules in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet, URLField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.decorators import display

from alerts.backtest.jobs import CHOICES, NotPossibleError, request_backtest
from alerts.changes import delete_rule, save_rule
from alerts.evaluation.describe import describe_rule
from alerts.models import AlertRule, Target
from diagnostics.admin.scoped import EnvironmentFilter, ScopedAdmin
from diagnostics.core.access import visible
from diagnostics.core.permissions import Perm
from diagnostics.privacy.changes import tracked_change


class RuleForm(forms.ModelForm):
    """Targets must belong to the rule's environment."""

    def clean(self) -> dict[str, Any]:
        """The check across both."""
        found = super().clean() or {}
        environment = found.get("environment") or (self.instance.environment if self.instance.pk else None)
        strangers = [target.name for target in found.get("targets") or [] if target.environment != environment]
        if strangers:
            self.add_error(
                "targets", f"{', '.join(strangers)}: of another environment; choose targets of the rule's own."
            )
        return found


@admin.register(AlertRule)
class RuleAdmin(ScopedAdmin):
    """What is watched, when it is wrong, and who is told."""

    form = RuleForm
    read_perm = Perm.MANAGE_RULES
    write_perm = Perm.MANAGE_RULES
    list_display = (
        "name", "environment", "shown_condition", "severity", "enabled", "shown_health", "builtin", "muted_until",
    )  # fmt: skip
    list_filter = (EnvironmentFilter, "enabled", "severity", "health")
    readonly_fields = ("shown_health",)
    search_fields = ("name", "slug", "service_name")
    prepopulated_fields = {"slug": ("name",)}
    filter_horizontal = ("targets",)
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    fieldsets = (
        (None, {"fields": ("environment", "name", "slug", "enabled", "severity")}),
        ("Watched", {"fields": ("signal", "query", "pattern", "group_by", "service_name", "window_minutes")}),
        (
            "Wrong when",
            {
                "fields": (
                    "condition",
                    ("threshold", "recover_threshold"),
                    "compare_to",
                    ("minimum_count", "minimum_sample"),
                )
            },
        ),
        ("Timing", {"fields": ("for_seconds", "keep_firing_seconds", "minimum_firing_seconds", "muted_until")}),
        ("Evaluation", {"fields": ("shown_health",)}),
        ("Who is told", {"fields": ("targets", "cooldown_seconds", "runbook_url")}),
    )

    change_form_after_template = "admin/alerts/alertrule/try.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """With buttons that try the rule as it stands in the form, unsaved."""
        days = request.POST.get("_backtest", "")
        if request.method == "POST" and days in map(str, CHOICES):
            answer = self.try_it(request, object_id, int(days))
            if answer is not None:
                return answer
        context = {**(extra_context or {}), "backtest_days": CHOICES}
        return super().changeform_view(request, object_id, form_url, context)

    def try_it(self, request: HttpRequest, object_id: str | None, days: int) -> HttpResponse | None:
        """To the backtest's page; None where the form must say first what is wrong with it."""
        rule = self.get_object(request, object_id) if object_id else None
        allowed = self.has_change_permission(request, rule) if rule else self.has_add_permission(request)
        form = self.get_form(request, rule, change=rule is not None)(request.POST, instance=rule)
        if not allowed or not form.is_valid():
            return None
        draft = form.save(commit=False)
        try:
            backtest = request_backtest(draft, days, request.user)
        except NotPossibleError as error:
            messages.warning(request, str(error))
            return redirect(request.get_full_path())
        return redirect("backtest", draft.environment.slug, backtest.pk)

    def get_prepopulated_fields(self, request: HttpRequest, obj: AlertRule | None = None) -> Any:
        """For new ones; a rule's slug stays when it is renamed."""
        return {} if obj else self.prepopulated_fields

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Targets of the environments whose rules the person changes."""
        kwargs["queryset"] = visible(Target.objects.select_related("environment"), request.user, Perm.MANAGE_RULES)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: AlertRule, form: Any, change: bool) -> None:
        """Written down; one that is switched off resolves what it opened."""
        save_rule(request.user, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Its targets, which Django saves after the rule itself."""
        with tracked_change(request.user, form.instance):
            super().save_related(request, form, formsets, change)

    def has_delete_permission(self, request: HttpRequest, obj: AlertRule | None = None) -> bool:
        """Built-in rules are switched off, not deleted: they would come back with the next start."""
        return super().has_delete_permission(request, obj) and not (obj is not None and obj.builtin)

    def delete_model(self, request: HttpRequest, obj: AlertRule) -> None:
        """Nothing that it opened stays stuck."""
        delete_rule(request.user, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[AlertRule]) -> None:
        """The same for several."""
        for rule in queryset.filter(builtin=False):
            delete_rule(request.user, rule)

    @display(description="fires when")
    def shown_condition(self, rule: AlertRule) -> str:
        """In words."""
        return describe_rule(rule)

    @display(
        description="evaluation",
        label={"Evaluated": "success", "No data": "warning", "Cannot be evaluated": "danger", "Switched off": "info"},
    )
    def shown_health(self, rule: AlertRule) -> str:
        """Whether the rule can say anything; without data and broken are no alarms, but nobody should miss them."""
        return str(rule.get_health_display()) if rule.enabled else "Switched off"
