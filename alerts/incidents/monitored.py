"""Incidents about jobs that must check in, and the monitor that they are about."""

from alerts.models import AlertRule, Incident, Monitor


def is_of_check_ins(incident: Incident) -> bool:
    """Whether a check-in was missed or failed: no record shows that."""
    return incident.rule is not None and incident.rule.signal == AlertRule.Signal.CHECK_INS


def monitor_of(incident: Incident) -> Monitor | None:
    """The job whose check-in was missed, if it is still watched."""
    if not is_of_check_ins(incident):
        return None
    return Monitor.objects.filter(environment=incident.environment, slug=incident.service_name).first()
