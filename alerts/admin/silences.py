"""Silences in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from alerts.changes import delete_silence, save_silence
from alerts.models import Silence
from diagnostics.admin.scoped import EnvironmentFilter, ScopedAdmin
from diagnostics.core import clock
from diagnostics.core.permissions import Perm


class SilenceForm(forms.ModelForm):
    """It ends after it begins, and its rule is of its environment."""

    def clean(self) -> dict[str, Any]:
        """The checks across fields."""
        found = super().clean() or {}
        begins, ends = found.get("starts_at"), found.get("ends_at")
        if begins and ends and ends <= begins:
            self.add_error("ends_at", "A silence ends after it begins.")
        environment = found.get("environment") or (self.instance.environment if self.instance.pk else None)
        rule = found.get("rule")
        if rule is not None and rule.environment != environment:
            self.add_error("rule", "This rule is of another environment.")
        return found


@admin.register(Silence)
class SilenceAdmin(ScopedAdmin):
    """Incidents still open and are shown; nobody is told."""

    form = SilenceForm
    read_perm = Perm.RESPOND_INCIDENTS
    write_perm = Perm.RESPOND_INCIDENTS
    list_display = ("reason", "environment", "rule", "service_name", "state", "starts_at", "ends_at", "author")
    list_filter = (EnvironmentFilter,)
    list_select_related = ("environment", "rule", "author")
    fields = ("environment", "rule", "service_name", "starts_at", "ends_at", "reason")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From now on."""
        return {"starts_at": clock.now(), **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Silence, form: Any, change: bool) -> None:
        """Written down, with its author."""
        if not change:
            obj.author_id = request.user.pk
        save_silence(request.user, obj)

    def delete_model(self, request: HttpRequest, obj: Silence) -> None:
        """Written down."""
        delete_silence(request.user, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Silence]) -> None:
        """The same for several."""
        for silence in queryset:
            delete_silence(request.user, silence)

    @display(description="state", label={"active": "warning", "over": "info", "later": "info"})
    def state(self, silence: Silence) -> str:
        """Whether it holds now."""
        now = clock.now()
        if silence.ends_at <= now:
            return "over"
        return "active" if silence.starts_at <= now else "later"
