"""Several alerts in one message: what was held for a target is gathered when its time has come.

The members stay in the ledger as suppressed, each with the digest that tells of it; when the digest fails, so does their
claim to have been told. What stands alone is sent as it is.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from alerts.delivery.hushing import hush_waiting
from alerts.delivery.kinds import priority_of
from alerts.delivery.ledger import write_rows
from alerts.delivery.plan import USEFUL_FOR
from alerts.models import RANKS, Incident, Notification

Action, Reason, State = Notification.Action, Notification.Reason, Notification.State
NAMED: Final = 8  # incidents that a digest names; the others are counted
LISTED: Final = 50  # that it lists with their links, where there is room for it


def gather_digests(now: datetime) -> int:
    """Put together what is held and due; returns how many messages that makes."""
    due = Notification.objects.filter(state=State.PENDING, is_held=True, next_attempt_at__lte=now)
    targets = list(due.order_by().values_list("target_id", flat=True).distinct())
    for target_id in targets:
        with transaction.atomic():
            gather(target_id, now)
    return len(targets)


def gather(target_id: int, now: datetime) -> None:
    """One target's. Rows that another worker holds are its business."""
    held = Notification.objects.filter(target_id=target_id, state=State.PENDING, is_held=True)
    rows = list(
        held.select_for_update(skip_locked=True, of=("self",)).select_related("incident__rule").order_by("created_at")
    )
    hushed = [row for row in rows if hush_waiting(row, now)]
    if hushed:  # what waited behind them may be suppressed, too
        left = set(held.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
        rows = [row for row in rows if row.pk in left]
    if len(rows) == 1:
        held.filter(pk=rows[0].pk).update(is_held=False, next_attempt_at=now, give_up_at=now + USEFUL_FOR)
    elif rows:
        digest = make_digest(rows, now)
        held.filter(pk__in=[row.pk for row in rows]).update(
            state=State.SUPPRESSED, reason=Reason.DIGEST, told_by=digest, is_held=False
        )


def make_digest(rows: list[Notification], now: datetime) -> Notification:
    """The message, about the worst of the incidents; it is an alert of its own and accounted for as such."""
    worst = max(rows, key=lambda row: (row.about.is_open, RANKS[row.severity]))
    severity = max((row.severity for row in rows), key=lambda one: RANKS[one])
    digest = Notification(
        id=uuid.uuid4(), incident=worst.incident, target_id=worst.target_id, rule_name="Digest", action=Action.DIGEST,
        severity=severity, priority=priority_of(severity, worst.target),
        detail=f"Tells of {len(rows)} alerts.", created_at=now, next_attempt_at=now, give_up_at=now + USEFUL_FOR,
    )  # fmt: skip
    write_rows([digest])
    return digest


def incidents_in(digest: Notification) -> list[Incident]:
    """What it tells of, as it stands now: what is open first, and the worst."""
    told_by = digest.fallback_of or digest
    members = told_by.members.values_list("incident_id", flat=True)
    found = Incident.objects.filter(pk__in=members).select_related("environment")
    return sorted(found, key=lambda item: (not item.is_open, -RANKS[item.severity], item.pk))


def standing_in(incidents: Sequence[Incident]) -> tuple[str, str]:
    """(state, severity) of all together: over when all are, in hand when somebody is on all that are open."""
    still = [incident for incident in incidents if incident.is_open]
    worst = max((incident.severity for incident in still or incidents), key=lambda one: RANKS[one])
    states = {incident.state for incident in still}
    if Incident.State.TRIGGERED in states:
        return Incident.State.TRIGGERED, worst
    return (Incident.State.ACKNOWLEDGED if states else Incident.State.RESOLVED), worst


def describe_digest(incidents: Sequence[Incident]) -> tuple[str, str]:
    """Title and text: exact counts, the incidents by name as far as there is room."""
    states = Counter(incident.state for incident in incidents)
    said = ", ".join(f"{states[state]} {state}" for state in Incident.State.values if states[state])
    lines = [f"{item.get_severity_display()}: {item.title} ({item.state})" for item in incidents[:NAMED]]
    if len(incidents) > NAMED:
        lines.append(f"and {len(incidents) - NAMED} more")
    noun = "incident" if len(incidents) == 1 else "incidents"
    return f"{len(incidents)} {noun}: {said}", "\n".join(lines)
