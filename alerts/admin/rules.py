"""Alert rules in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet, URLField
from django.forms import Script
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.views import ChangeList

from alerts.admin.rule_acts import RuleActs
from alerts.admin.rule_defaults import beginning_of
from alerts.admin.rule_fields import form_facts
from alerts.admin.rule_form import RuleForm, TargetsField, TargetsWidget, copied_values
from alerts.admin.rule_standing import standing_of, with_standing
from alerts.admin.rule_template import begin_with_template
from alerts.backtest.jobs import CHOICES, NotPossibleError, request_backtest
from alerts.changes import delete_rule, save_rule
from alerts.evaluation.describe import describe_rule
from alerts.models import AlertRule, Target
from alerts.muting import is_muted
from alerts.rule_words import tell_words, words_for
from diagnostics.admin.scoped import EnvironmentFilter
from diagnostics.core.access import visible, visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.privacy.changes import tracked_change
from diagnostics.templatetags.shell import full_time
from diagnostics.templatetags.shell import visible as visible_text


class RuleList(ChangeList):
    """A page of rules, each with the words of the message pattern that it names."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        """Read for all of the page at once."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        words = tell_words(request.user, self.result_list)
        for rule in self.result_list:
            rule.words = words.get(rule.pk, "")


@admin.register(AlertRule)
class RuleAdmin(RuleActs):
    """What is watched, when it is wrong, and who is told."""

    form = RuleForm
    read_perm = Perm.MANAGE_RULES
    write_perm = Perm.MANAGE_RULES
    list_display = (
        "name", "environment", "shown_standing", "shown_last_fired", "shown_week", "shown_condition", "severity",
        "shown_muted_until",
    )  # fmt: skip
    list_filter = (EnvironmentFilter, "enabled", "severity", "health", "builtin")
    readonly_fields = ("shown_health",)
    search_fields = ("name", "slug", "service_name")
    prepopulated_fields = {"slug": ("name",)}
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    actions = ("copy_chosen", "mute_hour", "mute_shift", "unmute")
    actions_detail = ("clone", "mute")
    fieldsets = (
        (None, {"fields": ("environment", "name", "slug", "enabled", "severity")}),
        (
            "Watched",
            {
                "fields": (
                    "signal", "query", "pattern", "template", "level", "group_by", "service_name", "except_services",
                    "window_minutes",
                )
            },
        ),
        (
            "Wrong when",
            {
                "fields": (
                    "condition", "threshold", "recover_threshold", "compare_to", "minimum_count", "minimum_sample",
                )
            },
        ),
        ("Timing", {"fields": ("for_seconds", "keep_firing_seconds", "minimum_firing_seconds")}),
        ("Evaluation", {"fields": ("shown_health",)}),
        ("Who is told", {"fields": ("targets", "cooldown_seconds", "runbook_url")}),
    )  # fmt: skip

    change_form_before_template = "admin/alerts/alertrule/sentence.html"
    change_form_after_template = "admin/alerts/alertrule/try.html"

    class Media:
        js = (Script("diagnostics/rule_form.js", type="module"),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AlertRule]:
        """With how each stands, for the list."""
        return with_standing(super().get_queryset(request))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """With words."""
        return RuleList

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Of a new rule: a copy of another, or what is seldom wrong for the signal."""
        if copied := request.GET.get("copy", ""):
            rule = self.own_rule(request, copied)
            return {**copied_values(rule), "targets": [target.pk for target in rule.targets.all()]}
        if found := begin_with_template(request):
            return {**found, "group_by": AlertRule.GroupBy.SERVICE}
        signal = request.GET.get("signal", "")
        chosen = signal if signal in AlertRule.Signal.values else AlertRule.Signal.ERRORS.value
        return {**beginning_of(chosen), "group_by": AlertRule.GroupBy.SERVICE, **self.only_environment(request),
                **self.listed_environment(request)}  # fmt: skip

    def only_environment(self, request: HttpRequest) -> dict[str, Any]:
        """Who has one is not asked to choose it."""
        mine = list(visible_environments(request.user, Perm.MANAGE_RULES)[:2])
        return {"environment": mine[0].pk} if len(mine) == 1 else {}

    def get_fieldsets(self, request: HttpRequest, obj: AlertRule | None = None) -> Any:
        """A rule that is not there yet was not evaluated."""
        found = super().get_fieldsets(request, obj)
        return found if obj else [(name, options) for name, options in found if name != "Evaluation"]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """With the sentence, and buttons that try the rule as it stands in the form, unsaved."""
        days = request.POST.get("_backtest", "")
        if request.method == "POST" and days in map(str, CHOICES):
            answer = self.try_it(request, object_id, int(days))
            if answer is not None:
                return answer
        rule = self.get_object(request, object_id) if object_id else None
        context = {
            **(extra_context or {}),
            "backtest_days": CHOICES,
            "rule": rule,
            "is_muted": rule is not None and is_muted(rule),
            "sentence": describe_rule(rule, words_for(request.user, rule)) if rule else "",
            "sentence_url": reverse("admin:alerts_alertrule_sentence", args=[rule.pk if rule else "new"]),
            "form_facts": form_facts(),
            "kept": self.kept_filters(request),
            "beginnings": AlertRule.Signal.choices if rule is None and "copy" not in request.GET else [],
        }
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
        kwargs |= {"form_class": TargetsField, "widget": TargetsWidget}
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
        """In words; a pattern by what it says."""
        return visible_text(describe_rule(rule, getattr(rule, "words", "")))

    @display(
        description="state",
        label={"ok": "success", "firing": "danger", "error": "danger", "pending": "warning", "no_data": "warning",
               "muted": "info", "off": "info"},
    )  # fmt: skip
    def shown_standing(self, rule: AlertRule) -> tuple[str, str]:
        """The worst that there is to say."""
        return standing_of(rule)

    @display(description="last fired", ordering="last_fired")
    def shown_last_fired(self, rule: Any) -> SafeString | str:
        """When."""
        return full_time(rule.last_fired) if rule.last_fired else "never"

    @display(description="7 days", ordering="fired_this_week")
    def shown_week(self, rule: Any) -> SafeString | str:
        """Incidents, leading to them."""
        if not rule.fired_this_week:
            return "0"
        address = reverse("incidents", args=[rule.environment.slug])
        return format_html('<a href="{}?state=all">{}</a>', address, rule.fired_this_week)

    @display(description="muted until", ordering="muted_until")
    def shown_muted_until(self, rule: AlertRule) -> SafeString | str:
        """While it is."""
        return format_html("{} {}", full_time(rule.muted_until), rule.mute_reason) if is_muted(rule) else ""

    @display(
        description="evaluation",
        label={"Evaluated": "success", "No data": "warning", "Cannot be evaluated": "danger", "Switched off": "info"},
    )
    def shown_health(self, rule: AlertRule) -> str:
        """Whether the rule can say anything; without data and broken are no alarms, but nobody should miss them."""
        return str(rule.get_health_display()) if rule.enabled else "Switched off"
