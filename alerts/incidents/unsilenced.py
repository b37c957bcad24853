"""A silence, a window or a mute is over, and what it hid is still open: told now to those who were not told."""

from collections import defaultdict
from collections.abc import Mapping, Set
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef

from alerts.delivery.plan import plan_news
from alerts.delivery.silencing import hush_of
from alerts.incidents.grouping import OPEN
from alerts.incidents.history import add_event
from alerts.models import AlertRule, Incident, IncidentEvent, Notification

Action, Reason, State = Notification.Action, Notification.Reason, Notification.State
Hidden = Mapping[str, Set[int]]  # from which targets a rule's news was hidden, by the rule's name
HIDDEN: Final = (Reason.SILENCED, Reason.MUTED)


def hidden_news() -> dict[int, Hidden]:
    """Open incident -> targets from which something was hidden and which heard nothing since."""
    news = Notification.objects.filter(action__in=(Action.TRIGGER, Action.UPDATE))
    later = news.filter(
        incident=OuterRef("incident"), target=OuterRef("target"), created_at__gt=OuterRef("created_at")
    ).exclude(reason__in=(*HIDDEN, Reason.GROUPED))  # fmt: skip
    rows = news.filter(~Exists(later), incident__state__in=OPEN, state=State.SUPPRESSED, reason__in=HIDDEN)
    found: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for incident_id, name, target_id in rows.values_list("incident_id", "rule_name", "target_id"):
        found[incident_id][name].add(target_id)
    return dict(found)


def tell_late(incident: Incident, hidden: Hidden, now: datetime) -> None:
    """It was hidden and is still open. What hushes another rule that shows it hides nothing of this one, and the other
    way round."""
    shown_by = {rule.name: rule for rule in AlertRule.objects.filter(pk__in=incident.evidence.values("rule"))}
    heard: set[int] = set()
    event: IncidentEvent | None = None
    for name, targets in sorted(hidden.items()):
        rule = shown_by.get(name, incident.rule)
        if targets <= heard or hush_of(incident, rule, now) is not None:
            continue
        event = event or add_event(
            incident, IncidentEvent.Kind.TOLD_LATE, None, "The silence is over, and it is still open.", now
        )
        plan_news(incident, event, now, rule=rule, only=targets - heard)
        heard |= targets
