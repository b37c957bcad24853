"""Which series speaks for an incident: the worst one, or the one with which it came back. Its rule, its sentence and its
numbers are the incident's; what was said before stands in the history and in the evidence."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from alerts.incidents.context import gather_context
from alerts.incidents.opening import Opening, facts_of_opening, scope_of
from alerts.models import Incident

FIELDS: Final = (
    "rule", "rule_name", "severity", "title", "summary", "http_route", "release", "value", "peak_value", "trace_id",
    "samples", "context", "started_at",
)  # fmt: skip
LOOKS_AGAIN_WITHIN: Final = timedelta(minutes=10)  # of its opening: later, what it keeps of records stays as it is


def take_lead(incident: Incident, opening: Opening) -> None:
    """From here on the incident says what this series says."""
    peaks = [opening.value]
    if incident.rule_id == opening.rule.pk and incident.peak_value is not None:
        peaks.append(incident.peak_value)
    incident.rule, incident.rule_name = opening.rule, opening.rule.name
    incident.severity, incident.title, incident.summary = opening.level, opening.title, opening.summary
    incident.http_route = opening.http_route[:200]
    incident.value, incident.peak_value = opening.value, max(peaks)
    known = {name: fact for name, fact in incident.context.items() if name != "templates"}
    incident.context = {**known, **facts_of_opening(opening)}
    if opening.now - incident.opened_at <= LOOKS_AGAIN_WITHIN:
        look_again(incident, opening)
    incident.save(update_fields=FIELDS)


def look_again(incident: Incident, opening: Opening) -> None:
    """Records that stand for it by now, if there are any."""
    found = gather_context(replace(scope_of(opening), began=incident.started_at))
    if not found.samples:
        return
    deploy = found.facts["deploy"] or incident.context.get("deploy")
    incident.samples, incident.context = found.samples, {**incident.context, **found.facts, "deploy": deploy}
    incident.trace_id = found.trace_id or incident.trace_id
    incident.release = (found.release or incident.release)[:200]
    incident.started_at = min(incident.started_at, found.first_bad_at or incident.started_at)
