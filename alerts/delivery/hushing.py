"""A silence or a mute that came while a message waited: it is asked for again before the message is tried."""

from datetime import datetime
from typing import Final

from alerts.delivery.decision import Decision
from alerts.delivery.silencing import hush_of, rule_named
from alerts.models import Notification, Silence

Action, Reason, State = Notification.Action, Notification.Reason, Notification.State
NEWS: Final = (Action.TRIGGER, Action.UPDATE)
NO_BEGINNING: Final = "The beginning was hushed before its turn."


def hush_waiting(row: Notification, now: datetime) -> bool:
    """Whether the row, which the caller's transaction holds, is suppressed by now. What was tried before goes on: a
    receiver may have it, or a person wants it sent again."""
    if row.attempts:
        return False
    if row.action == Action.DIGEST:
        return thin_out(row, now)
    hush = hush_of(row.about, rule_named(row.about, row.rule_name), now) if row.action in NEWS else None
    if hush is None or row.delivery_attempts.exists():
        return False
    suppress(row, hush, now)
    if row.action == Action.TRIGGER:
        pass_on(row)
    return True


def suppress(row: Notification, hush: Decision, now: datetime) -> None:
    """With the reason, as if it had been so from the beginning."""
    Notification.objects.filter(pk=row.pk).update(
        state=State.SUPPRESSED, reason=hush.reason, detail=hush.detail[:300], silence=hush.silence, is_held=False,
        told_by=None,
    )  # fmt: skip
    if hush.silence is not None:
        Silence.objects.filter(pk=hush.silence.pk).update(last_hid_at=now)


def pass_on(trigger: Notification) -> None:
    """What waits behind a beginning that is not told: the next news begins, or nobody is told of an end."""
    behind = Notification.objects.filter(
        incident=trigger.incident, target=trigger.target, state=State.PENDING, created_at__gte=trigger.created_at
    )  # fmt: skip
    news = behind.filter(action=Action.UPDATE).order_by("created_at", "event_id").first()
    if news is not None:
        behind.filter(pk=news.pk).update(action=Action.TRIGGER)
    else:
        behind.update(state=State.SUPPRESSED, reason=Reason.NEVER_TRIGGERED, detail=NO_BEGINNING, is_held=False)


def thin_out(digest: Notification, now: datetime) -> bool:
    """Take out of a digest that waits for its target's budget what is hushed; whether nothing is left of it."""
    members = digest.members.filter(action__in=NEWS).select_related("incident__rule")
    found = [(member, hush_of(member.about, rule_named(member.about, member.rule_name), now)) for member in members]
    hushed = [(member, hush) for member, hush in found if hush is not None]
    if not hushed or digest.delivery_attempts.exists():
        return False
    for member, hush in hushed:
        suppress(member, hush, now)
    if len(hushed) < len(found):
        return False
    suppress(digest, hushed[0][1], now)
    return True
