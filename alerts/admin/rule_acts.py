"""What can be done with a rule beside changing it: copy it, mute it, read it as a sentence while it is edited."""

from typing import Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import action

from alerts.admin.rule_form import tell_sentence
from alerts.evaluation.describe import describe_rule
from alerts.models import AlertRule
from alerts.muting import SPANS, end_of, is_muted, mute_rule, unmute_rule
from alerts.rule_words import words_for
from diagnostics.admin.scoped import ScopedAdmin
from diagnostics.core import clock

UNDO: Final = "none"


class RuleActs(ScopedAdmin):
    """Addresses and buttons of a rule."""

    def get_urls(self) -> list[URLPattern]:
        """With the sentence of what stands in the form."""
        view = self.admin_site.admin_view(self.sentence)
        return [path("<path:object_id>/sentence/", view, name="alerts_alertrule_sentence"), *super().get_urls()]

    def sentence(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The rule in words, as it is (GET) or as the form has it (POST). 'new' is one that is not saved yet."""
        rule = None if object_id == "new" else self.own_rule(request, object_id)
        if rule is None and not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            shown = rule or AlertRule()
            return JsonResponse({"sentence": describe_rule(shown, words_for(request.user, shown)), "problems": []})
        form = self.get_form(request, rule, change=rule is not None)(request.POST, instance=rule)
        return JsonResponse(tell_sentence(form, request.user))

    def own_rule(self, request: HttpRequest, object_id: str | int) -> AlertRule:
        """The rule, if the person may change it."""
        rule: AlertRule | None = self.get_object(request, str(object_id))
        if rule is None or not self.has_change_permission(request, rule):
            raise Http404("There is no such rule, or it is not yours to change.")
        return rule

    def has_own_permission(self, request: HttpRequest, object_id: str | int | None = None) -> bool:
        """Who may change the rule; on the list, each row is asked when it is acted on."""
        if object_id is None:
            return self.has_change_permission(request)
        rule = self.get_object(request, str(object_id))
        return rule is not None and self.has_change_permission(request, rule)

    @action(description="Copy", url_path="clone", permissions=["own"])
    def clone(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """To the form of a new rule, filled in; nothing is saved yet."""
        rule = self.own_rule(request, object_id)
        return redirect(f"{reverse('admin:alerts_alertrule_add')}?copy={rule.pk}")

    @action(description="Mute", url_path="mute", permissions=["own"])
    def mute(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """For how long, and why; or not any more."""
        rule = self.own_rule(request, object_id)
        chosen = request.POST.get("span", "") if request.method == "POST" else ""
        if chosen in SPANS or chosen == UNDO:
            messages.success(request, self.set_mute(request, rule, chosen, request.POST.get("reason", "")))
            return redirect("admin:alerts_alertrule_change", rule.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Mute {rule.name}",
            "opts": self.opts,
            "rule": rule,
            "is_muted": is_muted(rule),
            "spans": SPANS.items(),
        }
        return TemplateResponse(request, "admin/alerts/alertrule/mute.html", context)

    def set_mute(self, request: HttpRequest, rule: AlertRule, span: str, reason: str) -> str:
        """Do it, and say what was done."""
        if span == UNDO:
            unmute_rule(request.user, rule)
            return f"{rule.name} is not muted any more."
        until = end_of(span, clock.now())
        mute_rule(request.user, rule, until, reason)
        return f"{rule.name} is muted until {until:%Y-%m-%d %H:%M} UTC: incidents still open, nobody is told."

    def mute_several(self, request: HttpRequest, rules: "QuerySet[AlertRule]", span: str) -> None:
        """Each that the person may change."""
        for rule in rules:
            if self.has_change_permission(request, rule):
                messages.success(request, self.set_mute(request, rule, span, ""))

    @action(description="Mute for 1 hour")
    def mute_hour(self, request: HttpRequest, queryset: "QuerySet[AlertRule]") -> None:
        """Chosen rules."""
        self.mute_several(request, queryset, "1h")

    @action(description="Mute for 8 hours")
    def mute_shift(self, request: HttpRequest, queryset: "QuerySet[AlertRule]") -> None:
        """Chosen rules."""
        self.mute_several(request, queryset, "8h")

    @action(description="Mute no longer")
    def unmute(self, request: HttpRequest, queryset: "QuerySet[AlertRule]") -> None:
        """Chosen rules."""
        self.mute_several(request, queryset, UNDO)

    @action(description="Copy the chosen rule")
    def copy_chosen(self, request: HttpRequest, queryset: "QuerySet[AlertRule]") -> HttpResponse | None:
        """One at a time: its form opens."""
        chosen = list(queryset[:2])
        if len(chosen) != 1:
            messages.warning(request, "Choose one rule to copy: its form opens, filled in.")
            return None
        return redirect(f"{reverse('admin:alerts_alertrule_add')}?copy={chosen[0].pk}")
