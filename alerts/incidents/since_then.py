"""What became of the number with which an incident fired: its sentence stays as it was then, long after it is not true."""

from datetime import datetime
from typing import Final

from alerts.evaluation.explain import write_noun, write_value
from alerts.incidents.flapping import well_since
from alerts.models import AlertRule, Incident, IncidentEvent
from diagnostics.core import clock
from diagnostics.models import ErrorGroup
from diagnostics.search.golden import read_golden

Condition = AlertRule.Condition
Kind = IncidentEvent.Kind
# Conditions whose measured value is what the sentence tells, and the worse the higher.
RISING: Final = (Condition.THRESHOLD, Condition.SHARE, Condition.BASELINE)


# Signals that are counted: how many there were since says more than how many fall into a window.
COUNTED: Final = frozenset({"errors", "fatals", "timeouts", "failures", "status_5xx", "status_4xx"})


def has_number(incident: Incident) -> bool:
    """Whether its sentence tells a number that goes on."""
    rule = incident.rule
    known = incident.peak_value is not None and incident.value is not None
    return known and rule is not None and rule.condition in RISING


def said_at(incident: Incident) -> datetime:
    """When its sentence was so: when it fired, became worse or came back last, which may be long after it began. Of incidents
    that have not kept it, their history tells."""
    known = incident.context.get("said_at")
    if known:
        return datetime.fromisoformat(known)
    changed = incident.events.filter(kind__in=(Kind.WORSE, Kind.REOPENED), actor=None).order_by("-at")
    return changed.values_list("at", flat=True).first() or incident.opened_at


def write_standing(incident: Incident, still_fires: bool) -> str:
    """How it stands in a few words: 'now 3.1%, highest 48%'. Empty where there is no such number."""
    rule = incident.rule
    if rule is None or incident.peak_value is None or incident.value is None or not has_number(incident):
        return ""
    highest = f"highest {write_value(rule, incident.peak_value)}"
    if not incident.is_open or well_since(incident) is not None:
        return highest
    return (
        f"now {write_value(rule, incident.value)}, {highest}"
        if still_fires
        else f"recovered, other rules still fire; {highest}"
    )


def count_since(incident: Incident) -> str:
    """'19 fatal errors by now': counted from its beginning, from the sums of minutes. Of an error, its records."""
    rule = incident.rule
    if rule is None or not incident.is_open or incident.kind != Incident.Kind.ALERT:
        return ""
    if rule.condition == Condition.FIRST_SEEN:
        prints = incident.context.get("fingerprints") or []
        rows = ErrorGroup.objects.filter(environment=incident.environment_id, fingerprint__in=prints[:1])
        count = rows.values_list("records", flat=True).first() or 0
        return f"{count:,} record{'' if count == 1 else 's'} by now" if count else ""
    if rule.signal not in COUNTED or rule.condition not in RISING:
        return ""
    golden = read_golden(
        incident.environment, incident.started_at, clock.now(), incident.service_name, incident.http_route
    )
    count = golden.total.counts[rule.signal]
    return f"{count:,} {write_noun(rule, count)} by now" if count else ""


def write_since_then(incident: Incident) -> str:
    """'highest 51.6%, now 0%', beside the time of its sentence. Empty where there is no such number."""
    rule = incident.rule
    if rule is None or incident.peak_value is None or incident.value is None or not has_number(incident):
        return ""
    highest = f"highest {write_value(rule, incident.peak_value)}"
    if not incident.is_open or well_since(incident) is not None:
        return highest
    if not incident.evidence.filter(rule=rule, ended_at=None).exists():
        return f"{highest}; it has recovered since, other rules still fire"
    return f"{highest}, now {write_value(rule, incident.value)}"
