"""The form of a rule: plain words, limits as people write them, targets of its own environment."""

from typing import Any, ClassVar, Final

from django import forms
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from alerts.admin.rule_fields import LimitField, find_bad_unit, write_limit
from alerts.evaluation.describe import describe_rule
from alerts.models import AlertRule
from alerts.models.sense import LATENCIES
from alerts.rule_words import words_for
from diagnostics.core.access import Person

# What a sentence needs nothing of: it is there before these are filled in.
BESIDE: Final = frozenset({"environment", "name", "slug", "targets", "runbook_url", "__all__"})


class TargetsWidget(UnfoldAdminCheckboxSelectMultipleWidget):
    """Each box says of which environment its target is: the page's script shows those of the rule's own."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With the environment's number."""
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        target = getattr(value, "instance", None)
        if target is not None:
            option["attrs"]["data-environment"] = target.environment_id
        return option


class TargetsField(forms.ModelMultipleChoiceField):
    """Each environment has an Inbox: which one it is stands beside the name."""

    widget = TargetsWidget
    default_error_messages: ClassVar = {
        "invalid_choice": "%(value)s: of another environment, or gone; choose targets of the rule's own.",
    }

    def label_from_instance(self, obj: Any) -> str:
        """'Inbox (Production)'."""
        return f"{obj.name} ({obj.environment.name})"


class RuleForm(forms.ModelForm):
    """Targets must belong to the rule's environment; limits may have a unit."""

    threshold = LimitField(
        min_value=0,
        label="Limit",
        help_text="A count; for a response time, milliseconds (or 1.5 s); for a share, a percentage such as 5%; for a change, "
        "a factor (3 is three times as much); for a baseline, the score from 0 to 1 (0.5 tells much, 0.6 what is plain).",
    )
    recover_threshold = LimitField(
        min_value=0,
        required=False,
        label="Recovers at",
        help_text="Over only when it is on the other side of this, so that it does not flap. Empty: the limit itself.",
    )

    class Meta:
        labels: ClassVar = {
            "group_by": "Looked at apart",
            "service_name": "Only service",
            "except_services": "But not services",
            "window_minutes": "Window (minutes)",
            "minimum_count": "Events, at least",
            "minimum_sample": "Sample, at least",
            "for_seconds": "Lasts (seconds)",
            "keep_firing_seconds": "Well for (seconds)",
            "minimum_firing_seconds": "Fires at least (seconds)",
            "cooldown_seconds": "Cool-down (seconds)",
            "runbook_url": "Runbook",
        }
        help_texts: ClassVar = {
            "window_minutes": "Minutes looked at. What is seen for the first time is over when it was not seen again for so long.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        targets = self.fields.get("targets")
        if self.instance.pk and isinstance(targets, TargetsField) and targets.queryset is not None:
            targets.queryset = targets.queryset.filter(environment=self.instance.environment)
        condition = self.initial.get("condition", "")
        for name in LimitField.NAMES:
            if isinstance(self.initial.get(name), int | float):
                self.initial[name] = write_limit(condition, self.initial[name])

    def clean(self) -> dict[str, Any]:
        """The checks across fields."""
        found = super().clean() or {}
        environment = found.get("environment") or (self.instance.environment if self.instance.pk else None)
        strangers = [target.name for target in found.get("targets") or [] if target.environment != environment]
        if strangers:
            self.add_error(
                "targets", f"{', '.join(strangers)}: of another environment; choose targets of the rule's own."
            )
        for name in LimitField.NAMES:
            typed = str(self.data.get(self.add_prefix(name), ""))[:100]
            if problem := find_bad_unit(typed, found.get("signal", ""), found.get("condition", "")):
                self.add_error(name, problem)
        if problem := find_idle_limit(found):
            self.add_error("minimum_count", problem)
        return found


def find_idle_limit(found: dict[str, Any]) -> str:
    """A limit below the floor of events: only the floor would say when it fires. Empty where the two fit."""
    least, limit = found.get("minimum_count"), found.get("threshold")
    counts = found.get("condition") == AlertRule.Condition.THRESHOLD and found.get("signal") not in LATENCIES
    if not counts or least is None or limit is None or least <= max(limit, 1):
        return ""
    return (
        f"It never fires on fewer than {least:,}, so a limit of {limit:g} says nothing: use {max(limit, 1):g} or less here, "
        f"or a limit of {least:,}."
    )


def tell_sentence(form: Any, person: Person) -> dict[str, Any]:
    """What the form says as it stands: the sentence, or what is wrong with it, each with the way out."""
    form.is_valid()
    problems = [
        f"{form.fields[name].label}: {said}"
        for name, errors in form.errors.items()
        if name not in BESIDE and name in form.fields
        for said in errors
    ]
    words = "" if problems else words_for(person, form.instance)
    return {"sentence": "" if problems else describe_rule(form.instance, words), "problems": problems}


def copied_values(rule: AlertRule) -> dict[str, Any]:
    """What a copy of a rule begins with: everything but its names, and switched off until somebody has looked at it."""
    fields = [field for field in rule._meta.concrete_fields if field.editable and not field.primary_key]
    values = {field.name: field.value_from_object(rule) for field in fields}
    names = {"name": copied_name(rule), "slug": free_slug(rule), "enabled": False, "builtin": False}
    return {**values, **names, "muted_until": None, "mute_reason": ""}


def copied_name(rule: AlertRule) -> str:
    """'Error spike (copy)'."""
    return f"{rule.name[:112]} (copy)"


def free_slug(rule: AlertRule) -> str:
    """'error-spike-2', or the next that no rule of the environment has."""
    taken = set(AlertRule.objects.filter(environment=rule.environment_id).values_list("slug", flat=True))
    number = 2
    while (slug := f"{rule.slug[:50]}-{number}") in taken:
        number += 1
    return slug
