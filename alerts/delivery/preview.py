"""What would leave the building, shown to who decides about it: a real incident where there is one that they may see."""

import json

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from alerts.delivery.own_patterns import hide_own
from alerts.delivery.render import SAMPLE, render_incident
from alerts.delivery.share import withhold
from alerts.integrations.base import Setup
from alerts.integrations.registry import INTEGRATIONS
from alerts.models import Incident, Notification, Severity, Target
from diagnostics.core import clock
from diagnostics.core.access import has_perm
from diagnostics.core.permissions import Perm


def preview_message(target: Target, person: AbstractBaseUser | AnonymousUser) -> tuple[str, str]:
    """(the incident's title, the message); nothing is sent and nobody is asked."""
    incident = newest_incident(target, person) or sample_incident(target)
    alert = render_incident(incident, target, "00000000-0000-0000-0000-000000000000", Notification.Action.TRIGGER)
    alert = hide_own(alert, target.environment)
    text = INTEGRATIONS[target.kind].preview(withhold(alert, target.shared_fields), Setup(config=target.config))
    return incident.title, indent(text)


def newest_incident(target: Target, person: AbstractBaseUser | AnonymousUser) -> Incident | None:
    """Of the target's environment, for those who may see incidents there."""
    if not has_perm(person, target.environment, Perm.VIEW_INCIDENTS):
        return None
    return Incident.objects.select_related("environment", "rule").filter(environment=target.environment).first()


def sample_incident(target: Target) -> Incident:
    """An invented one, never stored."""
    now = clock.now()
    return Incident(
        pk=0, environment=target.environment, rule_name="5xx surge", dedup_key="0" * 48, severity=Severity.CRITICAL,
        title="5xx surge: checkout", summary=SAMPLE,
        service_name="checkout", release="2.4.1", started_at=now, opened_at=now, value=0.14,
        context={"messages": [{"text": "card provider timed out", "count": 40}], "sessions": 61, "users": 58},
    )  # fmt: skip


def indent(text: str) -> str:
    """JSON on several lines, other texts as they are."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
