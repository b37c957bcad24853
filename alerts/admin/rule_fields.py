"""Which fields of a rule mean anything, and how limits are written. The page's script folds the others away."""

import re
from typing import Any, Final

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from alerts.admin.rule_defaults import CHOSEN, beginning_of, offer_of
from alerts.models import AlertRule
from alerts.models.sense import LATENCIES, find_misfit

Condition = AlertRule.Condition
Signal = AlertRule.Signal

COMPARING: Final = (Condition.THRESHOLD, Condition.BELOW, Condition.SHARE, Condition.CHANGE, Condition.BASELINE)
COUNTING: Final = (Condition.THRESHOLD, Condition.SHARE, Condition.CHANGE, Condition.BASELINE)
LASTING: Final = tuple(each for each in Condition if each not in (Condition.FIRST_SEEN, Condition.MISSED))
# Field -> the conditions under which it is looked at; what is not named always is.
OF_CONDITIONS: Final[dict[str, tuple[str, ...]]] = {
    "threshold": COMPARING, "recover_threshold": COMPARING, "compare_to": (Condition.CHANGE,),
    "minimum_count": COUNTING, "minimum_sample": (Condition.SHARE,), "group_by": LASTING, "for_seconds": LASTING,
}  # fmt: skip
OF_TEMPLATES: Final = (Signal.TEMPLATE_RECORDS, Signal.NEW_TEMPLATES)
OF_SIGNALS: Final[dict[str, tuple[str, ...]]] = {
    "query": (Signal.MATCHES,), "pattern": (Signal.MATCHES,), "template": (Signal.TEMPLATE_RECORDS,), "level": OF_TEMPLATES,
}  # fmt: skip
# Signals whose series is given by themselves.
UNGROUPED: Final = OF_TEMPLATES
LIMIT: Final = re.compile(r"\s*([-+]?[\d.,]+(?:e[-+]?\d+)?)\s*(%|ms|s|min)\s*", re.IGNORECASE)
TIMES: Final = {"ms": 1.0, "s": 1000.0, "min": 60_000.0}


def form_facts() -> dict[str, Any]:
    """What the page's script knows: fields to fold, conditions that fit, values to begin with."""
    return {
        "conditions": OF_CONDITIONS,
        "signals": OF_SIGNALS,
        "ungrouped": UNGROUPED,
        "fits": {signal: fitting(signal) for signal in Signal.values},
        "beginnings": {signal: written(beginning_of(signal)) for signal in Signal.values},
        "chosen": CHOSEN,
        "offers": {signal: offers_of(signal) for signal in Signal.values},
    }


def offers_of(signal: str) -> dict[str, dict[str, str]]:
    """Limits by the condition that is chosen."""
    return {condition: written(offer_of(signal, condition)) for condition in fitting(signal)}


def fitting(signal: str) -> list[str]:
    """Conditions that the signal can have."""
    return [
        condition
        for condition in Condition.values
        if not find_misfit(AlertRule(signal=signal, condition=condition))
    ]  # fmt: skip


def written(values: dict[str, Any]) -> dict[str, str]:
    """As the form's fields show them."""
    condition = values.get("condition", "")
    return {
        name: write_limit(condition, value) if name in LimitField.NAMES else "" if value is None else str(value)
        for name, value in values.items()
    }


def write_limit(condition: str, value: float | None) -> str:
    """'5%' for a share, else the number."""
    if value is None:
        return ""
    return f"{value * 100:.6g}%" if condition == Condition.SHARE else f"{value:.10g}"


class LimitField(forms.FloatField):
    """A number, or one with its unit: '5%' is 0.05, '1.5 s' is 1500 (milliseconds). `unit_of` says which was typed."""

    widget = UnfoldAdminTextInputWidget
    NAMES: Final = ("threshold", "recover_threshold")

    def to_python(self, value: Any) -> Any:
        """A float without its unit, or None."""
        found = LIMIT.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            return super().to_python(value)
        number = super().to_python(found[1])
        unit = found[2].lower()
        if number is None:
            return None
        return round(number / 100, 9) if unit == "%" else number * TIMES[unit]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether it is another number, however written."""
        try:
            return self.to_python(initial) != self.to_python(data)
        except forms.ValidationError:
            return True


def unit_of(text: str) -> str:
    """'%', 'ms', 's', 'min', or nothing."""
    found = LIMIT.fullmatch(text)
    return found[2].lower() if found else ""


def find_bad_unit(text: str, signal: str, condition: str) -> str:
    """What is wrong with the unit of a limit, and the way out; empty where it fits."""
    unit = unit_of(text)
    if unit == "%" and condition != Condition.SHARE:
        return "A percentage needs the condition 'is at least a share'; for this one write a plain number."
    if unit in TIMES and (signal not in LATENCIES or condition in (Condition.CHANGE, Condition.BASELINE)):
        return "Only the limit of a response time is a time; write a plain number."
    return ""
