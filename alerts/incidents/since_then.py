"""What became of the number with which an incident fired: its sentence stays as it was then, long after it is not true."""

from typing import Final

from alerts.evaluation.explain import write_value
from alerts.models import AlertRule, Incident

Condition = AlertRule.Condition
# Conditions whose measured value is what the sentence tells, and the worse the higher.
RISING: Final = (Condition.THRESHOLD, Condition.SHARE, Condition.BASELINE)


def write_since_then(incident: Incident) -> str:
    """'That was when it fired; highest 51.6%, now 0%.' Empty where there is no such number."""
    rule = incident.rule
    if rule is None or rule.condition not in RISING or incident.peak_value is None or incident.value is None:
        return ""
    said = f"That was when it fired; highest {write_value(rule, incident.peak_value)}"
    if not incident.is_open:
        return f"{said}."
    if not incident.evidence.filter(rule=rule, ended_at=None).exists():
        return f"{said}; it has recovered since, other rules still fire."
    return f"{said}, now {write_value(rule, incident.value)}."
