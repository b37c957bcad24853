"""What an incident's rule counts beside the sums of services: records of message patterns, and matches. For charts."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from alerts.evaluation.history import moment_of, number_of, read_matches
from alerts.evaluation.signals import matches_column
from alerts.models import AlertRule, Incident
from diagnostics.detection.templates.ids import read_id
from diagnostics.search.templates import read_counts

Signal = AlertRule.Signal
OF_TEMPLATES: Final = frozenset({Signal.TEMPLATE_RECORDS.value, Signal.NEW_TEMPLATES.value})


def is_counted_apart(rule: AlertRule) -> bool:
    """Whether the rule's signal is no sum of a service."""
    return rule.signal in OF_TEMPLATES or rule.signal == Signal.MATCHES


def read_counted(incident: Incident, rule: AlertRule, times: Sequence[datetime], step: timedelta) -> list[float]:
    """How much there was in each step."""
    values = [0.0] * len(times)
    if not times:
        return values
    since, until = number_of(times[0]), number_of(times[-1] + step)
    for minute, count in read_minutes(incident, rule, since, until):
        values[min((moment_of(minute) - times[0]) // step, len(times) - 1)] += count
    return values


def read_minutes(incident: Incident, rule: AlertRule, since: int, until: int) -> Iterable[tuple[int, int]]:
    """(minute, count) of the patterns that it is about, or of the rule's matches in its service."""
    if rule.signal in OF_TEMPLATES:
        numbers = [read_id(each) for each in incident.context.get("templates", ())]
        return [row[1:] for row in read_counts(incident.environment_id, since, until, numbers)]
    column = matches_column(rule.pk)
    rows = read_matches(incident.environment_id, since, until)
    return [
        (row.minute, row.counts[column])
        for row in rows
        if column in row.counts and incident.service_name in ("", row.series.service_name)
    ]
