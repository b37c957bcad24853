"""Planning: for each target of an incident one row, to be sent or suppressed with the reason, in the transaction that
changed the incident. Nothing is decided later that is not written down, so that fired = sent + suppressed + pending +
failed.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from alerts.delivery.decision import Case, Decision
from alerts.delivery.kinds import ACTIONS, hears, priority_of
from alerts.delivery.ledger import count_again, ring, write_rows
from alerts.delivery.silencing import hush_of
from alerts.delivery.stages import (
    STAGES_OF_ESCALATION,
    STAGES_OF_FALLBACK,
    decide,
    when_below,
    when_disabled,
)
from alerts.delivery.standing import standing_of
from alerts.models import AlertRule, Incident, IncidentEvent, Notification, Severity, Silence, Target
from diagnostics.core import clock

Action, Reason, State = Notification.Action, Notification.Reason, Notification.State

USEFUL_FOR: Final = timedelta(minutes=30)  # an alert that comes later is noise
USEFUL_WITH_FALLBACK: Final = timedelta(minutes=10)  # somebody else stands by
RESOLVE_USEFUL_FOR: Final = timedelta(hours=6)  # but a page that is never closed wakes people for nothing


def plan_news(
    incident: Incident,
    event: IncidentEvent,
    now: datetime,
    *,
    rule: AlertRule | None = None,
    hidden: Decision | None = None,
    once: bool = False,
    only: Collection[int] | None = None,
    at_once: bool = False,
) -> list[Notification]:
    """Something began or became worse: who was told of the incident gets an update, the others hear of it now.

    `hidden`: nobody is told one by one, and why. `once`: what was decided for a target before stands; it is counted.
    `only`: ids of the targets to tell, whomever the rule names now. `at_once`: no digest.
    """
    standing = standing_of(incident, now)
    known = standing.known if once else frozenset()
    hush = hush_of(incident, rule, now) if hidden is None else None
    rows: list[Notification] = []
    quiet: list[Notification] = []
    audience = audience_of(incident, rule, standing.reached)
    if only is not None:
        hearers = [target for target in audience.reached if target.pk in only]
    else:  # fallbacks that were told hear more
        hearers = [*audience.asked, *(target for target in audience.reached if target.pk in standing.told)]
    for target in {target.pk: target for target in hearers}.values():
        action = Action.UPDATE if target.pk in standing.told else Action.TRIGGER
        if not hears(target, incident, action):
            continue
        case = Case(incident, event, action, rule, now, hush, at_once)
        if hidden is not None or target.pk in known:
            found = hidden or Decision(Reason.GROUPED, f"It joined incident {incident.pk}, which had its turn.")
            quiet.append(plan_row(case, target, first_of(case, target) or found))
        else:
            rows += plan_rows(case, target, decide(case, target))
    count_again(quiet, now)
    Silence.objects.filter(pk__in={row.silence_id for row in rows if row.silence_id}).update(last_hid_at=now)
    overtake_slower(incident, [row for row in rows if row.target_id in standing.slower])
    return write_rows(rows)


def plan_escalation(
    incident: Incident, event: IncidentEvent, rule: AlertRule | None, target: Target, now: datetime
) -> list[Notification]:
    """Nobody answered: this one is told, at once and by itself."""
    standing = standing_of(incident, now)
    action = Action.UPDATE if target.pk in standing.told else Action.TRIGGER
    if not hears(target, incident, action) or target.pk == incident.context.get("about_target"):
        return []
    case = Case(incident, event, action, rule, now)
    rows = plan_rows(case, target, decide(case, target, STAGES_OF_ESCALATION))
    overtake_slower(incident, [row for row in rows if row.target_id in standing.slower])
    return write_rows(rows)


def overtake_slower(incident: Incident, rows: list[Notification]) -> None:
    """What goes at once must not queue behind what waits for a digest or for hours: it takes its place. `rows`: to targets
    for which something waits."""
    quick = [row for row in rows if row.state == State.PENDING and not row.is_held and row.not_before is None]
    if not quick:
        return
    slower = waiting(incident).filter(Q(is_held=True) | Q(not_before__isnull=False))
    slower = slower.filter(target__in=[row.target_id for row in quick])
    slower.update(state=State.SUPPRESSED, reason=Reason.OVERTAKEN, is_held=False, detail="What followed went at once.")
    for row in quick:
        row.action = Action.TRIGGER


def first_of(case: Case, target: Target) -> Decision | None:
    """What holds for the target, whatever else happens."""
    return when_disabled(case, target) or when_below(case, target)


def plan_rows(case: Case, target: Target, decision: Decision) -> list[Notification]:
    """The target's row, and the fallback's where it is told instead."""
    row = plan_row(case, target, decision)
    if decision.instead is None or not hears(decision.instead, case.incident, case.action):
        return [row]
    stand_in = plan_row(case, decision.instead, decide(case, decision.instead, STAGES_OF_FALLBACK))
    stand_in.fallback_of = row
    return [row, stand_in]


def plan_row(case: Case, target: Target, decision: Decision) -> Notification:
    """One row."""
    starts = decision.not_before or case.now
    useful = RESOLVE_USEFUL_FOR
    if case.action in (Action.TRIGGER, Action.UPDATE):
        useful = USEFUL_WITH_FALLBACK if target.fallback_id else USEFUL_FOR
    return Notification(
        id=uuid.uuid4(),
        incident=case.incident,
        event=case.event,
        target=target,
        rule_name=case.rule_name,
        severity=case.incident.severity,
        priority=priority_of(case.incident.severity, target),
        action=case.action,
        state=State.SUPPRESSED if decision.reason else State.PENDING,
        reason=decision.reason,
        detail=decision.detail[:300],
        silence=decision.silence,
        is_held=decision.is_held,
        not_before=None if decision.is_held else decision.not_before,
        created_at=case.now,
        next_attempt_at=starts,
        give_up_at=starts + useful,
    )


def plan_progress(
    incident: Incident, event: IncidentEvent, action: str, now: datetime, *, only: Collection[int] | None = None
) -> list[Notification]:
    """Somebody is on it, or it is over: told to who was told of it. What has not left yet is not sent for nothing.

    `only`: ids of the targets to tell.
    """
    standing = standing_of(incident, now)
    told = standing.told
    if action == Action.RESOLVE and standing.outside:
        told = overtake(incident, now)
    audience = audience_of(incident, incident.rule, standing.reached)
    targets = {target.pk: target for target in [*audience.asked, *audience.reached]}
    rows = []
    for target in targets.values():
        if not hears(target, incident, action) or (only is not None and target.pk not in only):
            continue
        case = Case(incident, event, action, None, now)
        unheard = first_of(case, target) if target.pk not in told else when_disabled(case, target)
        decision = unheard or progress_decision(target, action, target.pk in told)
        if not decision.reason and target.pk in standing.held:
            until = standing.held[target.pk]
            decision = Decision(detail="Told together with others.", not_before=until, is_held=True)
        rows.append(plan_row(case, target, decision))
    return write_rows(rows)


def progress_decision(target: Target, action: str, was_told: bool) -> Decision:
    """Whether a target that is on and not too strict hears of it."""
    if action == Action.RESOLVE and not target.send_resolved:
        return Decision(Reason.NO_RESOLVE, "The target does not want to hear of the end.")
    if not was_told:
        return Decision(Reason.NEVER_TRIGGERED, "It was not told of the beginning.")
    return Decision()


def waiting(incident: Incident) -> "QuerySet[Notification]":
    """What has not been tried yet."""
    return Notification.objects.filter(incident=incident, state=State.PENDING, attempts=0)


def overtake(incident: Incident, now: datetime) -> frozenset[int]:
    """What waits for its target's hours is not told when it is over before; the targets that were told all the same."""
    waiting(incident).filter(not_before__gt=now).update(
        state=State.SUPPRESSED, reason=Reason.OVERTAKEN, detail="It was over before the target's hours began."
    )
    return standing_of(incident, now).told


class Audience(NamedTuple):
    """Targets of the incident's environment, and of no other, ever.

    asked: the rule's, or all but custom actions and the reserve where it names none; one that the incident is about hears
    nothing.
    reached: those that have a row about it.
    """

    asked: Sequence[Target]
    reached: Sequence[Target]


def audience_of(incident: Incident, rule: AlertRule | None, reached: Collection[int]) -> Audience:
    """Who may hear of it."""
    targets = Target.objects.filter(environment_id=incident.environment_id).select_related("fallback")
    chosen: set[int] = set()
    if rule is not None:
        chosen.update(AlertRule.targets.through.objects.filter(alertrule=rule).values_list("target_id", flat=True))
    found = list(targets)
    may_hear = [target for target in found if target.pk != incident.context.get("about_target")]
    asked = [target for target in may_hear if target.pk in chosen]
    asked = asked or [target for target in may_hear if target.kind not in ACTIONS and not target.is_reserve]
    return Audience(asked, [target for target in found if target.pk in reached])


def plan_test(target: Target) -> Notification:
    """A test through the real path: a sample, about no incident."""
    now = clock.now()
    row = Notification(
        id=uuid.uuid4(), target=target, rule_name="Test", action=Action.TEST, severity=Severity.INFO,
        priority=priority_of(Severity.INFO, target), detail="Somebody tried the target: about no incident.",
        created_at=now, next_attempt_at=now, give_up_at=now + RESOLVE_USEFUL_FOR,
    )  # fmt: skip
    with transaction.atomic():
        row.save()
        transaction.on_commit(ring)
    return row
