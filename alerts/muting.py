"""Muting a rule: its incidents still open and are shown, nobody is told; until a moment, with a reason, undone at will."""

from datetime import datetime, time, timedelta
from typing import Final

from alerts.changes import Actor
from alerts.models import AlertRule
from diagnostics.core import clock
from diagnostics.privacy.changes import tracked_change

MORNING: Final = time(8)
SPANS: Final = {"1h": "1 hour", "8h": "8 hours", "tomorrow": "until tomorrow, 08:00 UTC", "week": "a week"}
HOURS: Final = {"1h": 1, "8h": 8, "week": 7 * 24}


def end_of(span: str, now: datetime) -> datetime:
    """When a span that begins now is over."""
    if span == "tomorrow":
        return datetime.combine(now.date() + timedelta(days=1), MORNING, now.tzinfo)
    return now + timedelta(hours=HOURS[span])


def mute_rule(actor: Actor, rule: AlertRule, until: datetime, reason: str = "") -> None:
    """Tell nobody of it until then."""
    rule.muted_until, rule.mute_reason = until, reason.strip()[:200]
    save_mute(actor, rule, "mute")


def unmute_rule(actor: Actor, rule: AlertRule) -> None:
    """Tell of it again from now on."""
    rule.muted_until, rule.mute_reason = None, ""
    save_mute(actor, rule, "unmute")


def save_mute(actor: Actor, rule: AlertRule, verb: str) -> None:
    """Nothing else of the rule is saved, whatever was changed on it meanwhile."""
    with tracked_change(actor, rule, verb=verb):
        rule.save(update_fields=["muted_until", "mute_reason", "updated_at"])


def is_muted(rule: AlertRule) -> bool:
    """Whether nobody is told now."""
    return rule.muted_until is not None and rule.muted_until > clock.now()
