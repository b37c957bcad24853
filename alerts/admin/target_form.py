"""The form of a target: the model's fields, and what its integration asks for."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from alerts.changes import REMOVED, check_target
from alerts.delivery.share import SHAREABLE, share_everything
from alerts.integrations.base import Field
from alerts.integrations.registry import INTEGRATIONS
from alerts.models import Target
from alerts.targets import read_secrets

PREFIX = "field_"
LONGEST, LONGEST_LONG = 2000, 20_000
PLANNING = ("hourly_budget", "digest_seconds", "fallback")
OTHERS = ("fallback", "escalation")
ANSWER = ("is_reserve", "answer_minutes", "escalation")
HOURS = ("hours_days", "hours_begin", "hours_end", "hours_zone", "urgent_severity")


class TargetForm(forms.ModelForm):
    """The model's fields, and those of the integration; `kind` is set by the subclass."""

    kind = ""

    class Meta:
        model = Target
        fields = (
            "environment",
            "name",
            "enabled",
            "minimum_severity",
            "send_resolved",
            *PLANNING,
            *ANSWER,
            *HOURS,
            "shared_fields",
        )

    shared_fields = forms.MultipleChoiceField(
        label="Leaves the building",
        required=False,
        initial=share_everything,
        choices=list(SHAREABLE.items()),
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="All of it is redacted. Severity, environment, state, times and the incident's link always go.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in OTHERS:
            if isinstance(chosen := self.fields.get(name), forms.ModelChoiceField) and chosen.queryset is not None:
                chosen.queryset = chosen.queryset.select_related("environment")
                chosen.label_from_instance = name_with_environment  # type: ignore[assignment]
        known = read_secrets(self.instance) if self.instance.pk else {}
        self.made: dict[str, str] = {}  # secrets that were left empty, by label: to be shown once
        for field in INTEGRATIONS[self.kind].fields:
            if field.maker is not None and not self.instance.pk:
                shown = self.fields[PREFIX + field.name]
                shown.help_text = f"{shown.help_text} Leave it empty and one is made, and shown once."
            elif field.is_secret and field.name in known:
                shown = self.fields[PREFIX + field.name]
                removal = "" if field.is_required else f" A single {REMOVED} removes it."
                shown.help_text = f"{shown.help_text} Set; leave it empty to keep it.{removal}"
            elif not field.is_secret:
                self.initial[PREFIX + field.name] = self.instance.config.get(field.name) or default_of(field)

    def typed(self, *, secret: bool) -> dict[str, str]:
        """What was typed into the integration's fields."""
        found = {
            field.name: self.cleaned_data.get(PREFIX + field.name, "").strip()
            for field in INTEGRATIONS[self.kind].fields
            if field.is_secret == secret
        }
        defaults = {field.name: default_of(field) for field in INTEGRATIONS[self.kind].fields}
        return {name: value for name, value in found.items() if value != defaults[name]}

    def clean(self) -> dict[str, Any]:
        """The integration says what it needs."""
        cleaned = super().clean() or {}
        known = read_secrets(self.instance) if self.instance.pk else {}
        if not self.instance.pk:
            self.make_secrets(cleaned)
        for problem in check_target(self.kind, self.typed(secret=False), self.typed(secret=True), known):
            self.add_error(None, problem)
        return cleaned

    def make_secrets(self, cleaned: dict[str, Any]) -> None:
        """Of a new target, those that can be made and were left empty."""
        for field in INTEGRATIONS[self.kind].fields:
            if field.maker is not None and not cleaned.get(PREFIX + field.name, "").strip():
                cleaned[PREFIX + field.name] = self.made[field.label] = field.maker()


def default_of(field: Field) -> str:
    """What a form begins with."""
    return field.choices[0][0] if field.choices else ""


def form_field(field: Field) -> forms.Field:
    """As the integration describes it; it is the integration that says what is missing."""
    common: dict[str, Any] = {"label": field.label, "help_text": field.help_text, "required": False}
    if field.choices:
        return forms.ChoiceField(**common, choices=field.choices, widget=UnfoldAdminSelectWidget())
    if field.is_long:
        widget: forms.Widget = UnfoldAdminTextareaWidget(attrs={"rows": 6, "autocomplete": "off"})
    elif field.is_secret:
        widget = UnfoldAdminPasswordWidget(render_value=False, attrs={"autocomplete": "off"})
    else:
        widget = UnfoldAdminTextInputWidget()
    return forms.CharField(**common, max_length=LONGEST_LONG if field.is_long else LONGEST, widget=widget)


def name_with_environment(target: Target) -> str:
    """A list of several environments' targets may hold one name twice."""
    return f"{target.name} · {target.environment.name}"
