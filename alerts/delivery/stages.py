"""The stages that an alert passes on its way to a target, in this order; the first that decides ends it.

Each says in words what it decided, so that "why did I (not) get this?" has an answer.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q

from alerts.delivery.decision import Case, Decision
from alerts.delivery.kinds import bearing_of
from alerts.models import RANKS, Evidence, Notification, Target

Stage = Callable[[Case, Target], Decision | None]
Action, Reason, State = Notification.Action, Notification.Reason, Notification.State
NEWS: Final = (Action.TRIGGER, Action.UPDATE, Action.DIGEST)
TOLD: Final = (State.PENDING, State.SENT)
RECENT: Final = 50


def when_disabled(case: Case, target: Target) -> Decision | None:
    """Switched off; one that died is stood in for."""
    if target.enabled:
        return None
    detail = f"The target is switched off: {target.disabled_reason or 'by a person'}."
    return Decision(Reason.TARGET_DISABLED, detail, instead=target.fallback if target.disabled_reason else None)


def when_below(case: Case, target: Target) -> Decision | None:
    """Too mild for the target."""
    if RANKS[case.incident.severity] >= RANKS[target.minimum_severity]:
        return None
    return Decision(
        Reason.BELOW_SEVERITY,
        f"{case.incident.get_severity_display()} is milder than {target.get_minimum_severity_display()}.",
    )


def when_silenced(case: Case, target: Target) -> Decision | None:
    """A silence, a window or the rule's mute."""
    return case.hush


def when_cooling(case: Case, target: Target) -> Decision | None:
    """The rule told this target a while ago; a worse incident is told all the same."""
    if case.rule is None or not case.rule.cooldown_seconds or case.action != Action.TRIGGER:
        return None
    since = case.now - timedelta(seconds=case.rule.cooldown_seconds)
    shown = Evidence.objects.filter(
        incident=OuterRef("incident"), rule=case.rule
    )  # another rule may have the same name
    rows = Notification.objects.filter(
        Q(state__in=TOLD) | Q(told_by__state__in=TOLD), Exists(shown), target=target, rule_name=case.rule.name,
        action=Action.TRIGGER, created_at__gt=since,
    ).exclude(incident=case.incident)  # fmt: skip
    told = list(rows.order_by("-created_at").values_list("severity", "incident_id")[:RECENT])
    if not told or RANKS[case.incident.severity] > max(RANKS[severity] for severity, _ in told):
        return None
    detail = f"The rule told it of incident {told[0][1]} less than {case.rule.cooldown_seconds} s before."
    return Decision(Reason.COOLDOWN, detail)


def when_outside_hours(case: Case, target: Target) -> Decision | None:
    """What is urgent goes to the fallback, or to the target when it has none; what is mild waits."""
    hours = target.hours
    if hours is None or hours.span_around(case.now) is not None:
        return None
    if RANKS[case.incident.severity] < RANKS[target.urgent_severity]:
        start = hours.next_start(case.now)
        return Decision(detail=f"Waits for the target's hours, until {start:%Y-%m-%d %H:%M} UTC.", not_before=start)
    if target.fallback is None or not target.fallback.enabled:
        return None
    return Decision(Reason.OUTSIDE_HOURS, f"{target.fallback.name} is told instead.", instead=target.fallback)


def when_grouped(case: Case, target: Target) -> Decision | None:
    """The first goes at once; those soon after, unless worse, are told together."""
    seconds = bearing_of(target).digest_seconds
    if not seconds or case.at_once:
        return None
    rows = Notification.objects.filter(
        target=target, action__in=NEWS, is_held=False, not_before=None, state__in=(State.PENDING, State.SENT),
        created_at__gt=case.now - timedelta(seconds=seconds),
    )  # fmt: skip
    told = list(rows.order_by("-created_at").values_list("created_at", "severity")[:RECENT])
    if not told or RANKS[case.incident.severity] > max(RANKS[severity] for _, severity in told):
        return None
    until = told[0][0] + timedelta(seconds=seconds)
    return Decision(detail=f"Told together with others at {until:%H:%M:%S} UTC.", not_before=until, is_held=True)


STAGES: Final = (when_disabled, when_below, when_silenced, when_cooling, when_outside_hours, when_grouped)
STAGES_OF_FALLBACK: Final = (when_disabled, when_silenced)  # it stands in, however mild the alert
STAGES_OF_ESCALATION: Final = (when_disabled, when_below, when_outside_hours)  # it has waited long enough


def decide(case: Case, target: Target, stages: Sequence[Stage] = STAGES) -> Decision:
    """What the first stage says that has something to say; else it is told at once."""
    for stage in stages:
        decision = stage(case, target)
        if decision is not None:
            return decision
    return Decision()
