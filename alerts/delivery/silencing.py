"""Whether nobody is to be told of an incident now, and why; by the rule that an alert about it is of."""

from datetime import datetime

from alerts.delivery.decision import Decision
from alerts.models import AlertRule, Incident, Notification, Silence

Reason = Notification.Reason


def hush_of(incident: Incident, rule: AlertRule | None, now: datetime) -> Decision | None:
    """The rule's mute, or a silence that holds now; what worries about the product itself is not silenced by rule."""
    if rule is not None and rule.muted_until is not None and rule.muted_until > now:
        return Decision(Reason.MUTED, f"The rule is muted until {rule.muted_until:%Y-%m-%d %H:%M} UTC.")
    rule_id = rule.pk if rule is not None else None
    for silence in holding_silences(incident.environment_id, now):
        if silence.matches(rule_id, incident.service_name, incident.severity):
            until = f"{silence.ends_at:%Y-%m-%d %H:%M} UTC"
            kind = "Maintenance window" if silence.days else "Silence"
            return Decision(Reason.SILENCED, f"{kind} '{silence.reason}', ends {until}.", silence=silence)
    return None


def rule_named(incident: Incident, name: str) -> AlertRule | None:
    """The rule of an alert about an incident: the incident's, or one that joined it. The incident's where none of these
    has the name any more."""
    rule = incident.rule
    if rule is not None and rule.name == name:
        return rule
    return AlertRule.objects.filter(pk__in=incident.evidence.values("rule"), name=name).first() or rule


def holding_silences(environment_id: int, now: datetime) -> list[Silence]:
    """Those of an environment that hold now."""
    rows = Silence.objects.filter(environment_id=environment_id, starts_at__lte=now, ends_at__gt=now)
    return [silence for silence in rows.order_by("pk") if silence.holds_at(now)]
