"""Incidents that somebody acknowledged: what a quieter rule must still tell of."""

from datetime import timedelta
from typing import Final

from alerts.evaluation.history import moment_of, number_of
from alerts.models import AlertRule, Incident
from alerts.suggestions.week import Week
from diagnostics.core import clock

MOST: Final = 100
SLACK: Final = 5  # minutes: rules with another window see the same some minutes earlier or later

Span = tuple[int, int]  # minutes


def spans_of(rules: list[AlertRule], week: Week) -> list[Span]:
    """When incidents of these rules about the service were open, of those that people took on."""
    rows = (
        Incident.objects.filter(
            evidence__rule__in=[rule.pk for rule in rules],
            service_name=week.service_name,
            acknowledged_at__isnull=False,
            started_at__gte=moment_of(week.since),
        )
        .distinct()
        .order_by("-started_at")[:MOST]
    )
    return [span_of(incident) for incident in rows]


def span_of(incident: Incident) -> Span:
    """From when to when."""
    end = incident.resolved_at or clock.now()
    return number_of(incident.started_at) - SLACK, number_of(
        max(end, incident.started_at + timedelta(minutes=1))
    ) + SLACK
