"""A silence, a window, a mute or a storm is over, and what it hid is still open: told now to those who were not told."""

from collections import defaultdict
from collections.abc import Mapping, Set
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q

from alerts.delivery.plan import plan_news, plan_progress
from alerts.delivery.silencing import hush_of, rule_named
from alerts.incidents.grouping import OPEN
from alerts.incidents.history import add_event
from alerts.models import Incident, IncidentEvent, Notification, Severity

Action, Reason, State = Notification.Action, Notification.Reason, Notification.State
Kind = IncidentEvent.Kind
Hidden = Mapping[str, Set[int]]  # from which targets a rule's news was hidden, by the rule's name
HIDDEN: Final = (Reason.SILENCED, Reason.MUTED, Reason.STORM)


def hidden_news() -> dict[int, Hidden]:
    """Open incident -> targets from which something was hidden and which heard nothing since. While a storm lasts, its
    summaries tell of what it stands for."""
    news = Notification.objects.filter(action__in=(Action.TRIGGER, Action.UPDATE))
    later = news.filter(
        incident=OuterRef("incident"), target=OuterRef("target"), created_at__gt=OuterRef("created_at")
    ).exclude(reason__in=(*HIDDEN, Reason.GROUPED))  # fmt: skip
    storms = Incident.objects.filter(
        environment=OuterRef("incident__environment"), kind=Incident.Kind.STORM, state__in=OPEN
    )
    rows = news.filter(~Exists(later), incident__state__in=OPEN, state=State.SUPPRESSED, reason__in=HIDDEN)
    rows = rows.filter(Q(incident__storm=None) | ~Exists(storms))
    found: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for incident_id, name, target_id in rows.values_list("incident_id", "rule_name", "target_id"):
        found[incident_id][name].add(target_id)
    return dict(found)


def tell_late(incident: Incident, hidden: Hidden, now: datetime) -> None:
    """It was hidden and is still open. What hushes another rule that shows it hides nothing of this one, and the other
    way round. Nobody is paged for what a person is on already."""
    if incident.state == Incident.State.ACKNOWLEDGED and incident.acknowledged_by_id is not None:
        return
    heard: set[int] = set()
    event: IncidentEvent | None = None
    for name, targets in sorted(hidden.items()):
        rule = rule_named(incident, name)
        if targets <= heard or hush_of(incident, rule, now) is not None:
            continue
        event = event or add_end(incident, now)
        at_once = event.kind == Kind.COUNTED and incident.severity == Severity.CRITICAL
        plan_news(incident, event, now, rule=rule, only=targets - heard, at_once=at_once)
        heard |= targets
    if heard and incident.state == Incident.State.ACKNOWLEDGED:  # at a receiver, which knows nobody of ours
        event = add_event(incident, Kind.TOLD_LATE, None, "It is acknowledged already: that is told, too.", now)
        plan_progress(incident, event, Action.ACKNOWLEDGE, now, only=heard)


def add_end(incident: Incident, now: datetime) -> IncidentEvent:
    """The line of history that says what is over."""
    if incident.storm_id is not None:
        return add_event(incident, Kind.COUNTED, None, "The storm is over, and it is still open.", now)
    return add_event(incident, Kind.TOLD_LATE, None, "The silence is over, and it is still open.", now)
